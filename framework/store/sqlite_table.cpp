#include "base/paths.h"
#include "base/unfinished_file.h"
#include "store/table_writer.h"

#include <fmt/format.h>
#include <groklab/error.h>
#include <sqlite3.h>

#include <memory>
#include <utility>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct EndStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, EndStatement>;

std::string identifier(const std::string& name) {
  std::string quoted = "\"";
  for (const char character : name) {
    if (character == '"') quoted += '"';
    quoted += character;
  }
  return quoted + '"';
}

const char* type_name(ColumnType type) {
  switch (type) {
    case ColumnType::integer:
      return "INTEGER";
    case ColumnType::real:
      return "REAL";
    case ColumnType::text:
      return "TEXT";
  }
  throw std::logic_error("unknown type of a column");
}

std::string create_table(const TableLayout& table) {
  std::string columns, key;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto name = identifier(table.columns[i].name);
    columns += fmt::format("{} {}, ", name, type_name(table.columns[i].type));
    if (i < table.key_columns) key += (key.empty() ? "" : ", ") + name;
  }
  const auto first = identifier(table.columns.front().name);
  const auto parent = table.parent.empty() ? ""
                                           : fmt::format(", FOREIGN KEY ({}) REFERENCES {}", first,
                                                         identifier(table.parent));
  return fmt::format("CREATE TABLE {} ({}PRIMARY KEY ({}){})", identifier(table.name), columns, key,
                     parent);
}

// A database is written beside its place, without a journal: one that is not finished is removed.
class SqliteWriter final : public TableWriter {
 public:
  explicit SqliteWriter(const fs::path& folder) : file_(make_folder(folder) / "results.sqlite") {
    sqlite3* database = nullptr;
    // No locks, which network file systems may lack: no other process has a file of this name.
    const int code =
        sqlite3_open_v2(file_.path().c_str(), &database, SQLITE_OPEN_READWRITE, "unix-none");
    database_.reset(database);
    check(code);
    run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
  }

  void begin(const TableLayout& table) override {
    run(create_table(table));
    std::string places;
    for (const auto& column : table.columns) {
      places += places.empty() ? "?" : ", ?";
      if (!column.is_indexed) continue;
      indices_.push_back(fmt::format("CREATE INDEX {} ON {} ({})",
                                     identifier(table.name + " by " + column.name),
                                     identifier(table.name), identifier(column.name)));
    }
    sqlite3_stmt* statement = nullptr;
    const auto sql = fmt::format("INSERT INTO {} VALUES ({})", identifier(table.name), places);
    check(sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &statement, nullptr));
    insertion_.reset(statement);
  }

  void add(const std::vector<TableValue>& row) override {
    for (std::size_t i = 0; i < row.size(); ++i) {
      check(std::visit(Binding{insertion_.get(), static_cast<int>(i) + 1}, row[i]));
    }
    if (sqlite3_step(insertion_.get()) != SQLITE_DONE) fail();
    check(sqlite3_reset(insertion_.get()));
  }

  std::vector<fs::path> finish() override {
    insertion_.reset();
    for (const auto& index : indices_) run(index);
    run("COMMIT");
    database_.reset();
    file_.sync();
    file_.put_in_place();
    return {file_.target()};
  }

 private:
  struct Binding {
    sqlite3_stmt* statement;
    int place;

    int operator()(std::monostate) const { return sqlite3_bind_null(statement, place); }
    int operator()(std::int64_t number) const {
      return sqlite3_bind_int64(statement, place, number);
    }
    int operator()(double number) const { return sqlite3_bind_double(statement, place, number); }
    int operator()(const std::string& text) const {
      return sqlite3_bind_text64(statement, place, text.data(), text.size(), SQLITE_STATIC,
                                 SQLITE_UTF8);
    }
  };

  [[noreturn]] void fail() const {
    throw WriteError(fmt::format("cannot write {}: {}", file_.target().string(),
                                 sqlite3_errmsg(database_.get())));
  }
  void check(int code) const {
    if (code != SQLITE_OK) fail();
  }
  void run(const std::string& sql) const {
    check(sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr));
  }

  UnfinishedFile file_;
  Database database_;
  Statement insertion_;
  std::vector<std::string> indices_;  // made when all rows are in
};

}  // namespace

std::unique_ptr<TableWriter> make_sqlite_writer(const fs::path& folder) {
  return std::make_unique<SqliteWriter>(folder);
}

}  // namespace groklab
