// The database is read back through SQLite's own interface.
#include "base/files.h"
#include "framework/store/sweep_fixture.h"
#include "store/results.h"

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <limits>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Row = std::vector<TableValue>;

class SqliteTableTest : public test::SweepTest {
 protected:
  ~SqliteTableTest() override { sqlite3_close(database_); }

  fs::path out() const { return folder_.path() / "out"; }

  // All rows that a query gives.
  std::vector<Row> query(const std::string& sql) {
    if (!database_) {
      EXPECT_EQ(sqlite3_open_v2((out() / "results.sqlite").c_str(), &database_,
                                SQLITE_OPEN_READONLY, nullptr),
                SQLITE_OK);
    }
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
        << sql << ": " << sqlite3_errmsg(database_);
    std::vector<Row> rows;
    while (sqlite3_step(statement) == SQLITE_ROW) {
      rows.emplace_back();
      for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        rows.back().push_back(value(statement, i));
      }
    }
    sqlite3_finalize(statement);
    return rows;
  }

  static TableValue value(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
      case SQLITE_INTEGER:
        return std::int64_t{sqlite3_column_int64(statement, column)};
      case SQLITE_FLOAT:
        return sqlite3_column_double(statement, column);
      case SQLITE_TEXT:
        return std::string(reinterpret_cast<const char*>(sqlite3_column_text(statement, column)),
                           static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
      default:
        return {};
    }
  }

  void export_sweep() const {
    const auto writer = make_sqlite_writer(out());
    write_results(read_run_set(sweep_.path), false, *writer);
  }

  sqlite3* database_ = nullptr;
};

TEST_F(SqliteTableTest, HoldsTheValuesWithTheirTypes) {
  make_plan({"operation.name", "rate", "seed"},
            {{"x,\"y\"\n", "1e-05", "1"}, {"größer", "2", "0"}});
  write_run("a", "done", {{"threads", 2}, {"session_seconds", 8}});
  write_metrics("a", {{0, {{"loss", 0.1 + 0.2}, {"probe", 1}}},
                      {10, {{"loss", std::numeric_limits<double>::quiet_NaN()}}}});
  export_sweep();
  EXPECT_THAT(query("SELECT cell, \"operation.name\", rate, seed, status, failure, steps, threads, "
                    "session_seconds FROM cells ORDER BY rowid"),
              ElementsAre(Row{"a",
                              "x,\"y\"\n",
                              1e-05,
                              std::int64_t{1},
                              "done",
                              {},
                              std::int64_t{10},
                              std::int64_t{2},
                              8.0},
                          Row{"b", "größer", 2.0, std::int64_t{0}, "waiting", {}, {}, {}, {}}));
  EXPECT_THAT(
      query("SELECT * FROM metrics ORDER BY rowid"),
      ElementsAre(Row{"a", std::int64_t{0}, 0.1 + 0.2, 1.0}, Row{"a", std::int64_t{10}, {}, {}}));
  EXPECT_THAT(query("SELECT name, type FROM pragma_table_info('cells') WHERE cid < 4"),
              ElementsAre(Row{"cell", "TEXT"}, Row{"operation.name", "TEXT"}, Row{"rate", "REAL"},
                          Row{"seed", "INTEGER"}));
}

TEST_F(SqliteTableTest, HasKeysAndIndicesForWhatIsLookedUp) {
  make_plan({"operation.name", "seed"}, {{"add", "0"}, {"add", "1"}});
  write_run("a", "done");
  write_metrics("a", {test::measured(0, 0, 0)});
  export_sweep();
  const auto way = [&](const std::string& sql) {
    return std::get<std::string>(query("EXPLAIN QUERY PLAN " + sql).at(0).at(3));
  };
  EXPECT_THAT(way("SELECT * FROM cells WHERE \"operation.name\" = 'add'"),
              HasSubstr("USING INDEX cells by operation.name"));
  EXPECT_THAT(way("SELECT * FROM cells WHERE seed = 1"), HasSubstr("USING INDEX cells by seed"));
  EXPECT_THAT(way("SELECT * FROM cells WHERE cell = 'a'"), HasSubstr("(cell=?)"));
  EXPECT_THAT(way("SELECT * FROM metrics WHERE cell = 'a' AND step > 3"),
              HasSubstr("(cell=? AND step>?)"));
  EXPECT_THAT(query("SELECT \"table\", \"from\", \"to\" FROM pragma_foreign_key_list('metrics')"),
              ElementsAre(Row{"cells", "cell", {}}));
  EXPECT_THAT(query("PRAGMA foreign_key_check"), IsEmpty());
  EXPECT_THAT(query("PRAGMA integrity_check"), ElementsAre(Row{"ok"}));
  EXPECT_THAT(query("PRAGMA journal_mode"), ElementsAre(Row{"delete"}));
}

TEST_F(SqliteTableTest, HasTheSameRowsAsCsv) {
  make_plan({"seed", "name"}, {{"0", "a,b"}, {"1", "\"\n"}, {"2", "ü"}});
  for (const auto* id : {"a", "c"}) {
    write_run(id, "done");
    write_metrics(id, {test::measured(0, 1.0 / 3, 2.0 / 3), test::measured(5, 1e-9, 1)});
  }
  export_sweep();
  const auto csv = make_csv_writer(out());
  write_results(read_run_set(sweep_.path), false, *csv);
  for (const std::string name : {"cells", "metrics"}) {
    // SQLite's rows through the writer that has its own tests.
    TableLayout table{name, {}, 1, ""};
    for (const auto& column : query("SELECT name FROM pragma_table_info('" + name + "')")) {
      table.columns.push_back({std::get<std::string>(column[0]), ColumnType::text});
    }
    const auto again = make_csv_writer(folder_.path() / "again");
    again->begin(table);
    for (const auto& row : query("SELECT * FROM " + name + " ORDER BY rowid")) again->add(row);
    again->finish();
    EXPECT_EQ(read_file(folder_.path() / "again" / (name + ".csv")),
              read_file(out() / (name + ".csv")));
  }
}

TEST_F(SqliteTableTest, NamesOfKeysAreNeverReadAsSql) {
  const std::string hostile = "x\" TEXT); DROP TABLE cells; --", quoted = "it's [a] `key`";
  make_plan({hostile, quoted, "select", "ROWID"}, {{"1", "2", "3", "4"}});
  write_run("a", "done");
  write_metrics("a", {{0, {{"\"; DROP TABLE metrics; --", 1}}}});
  export_sweep();
  std::vector<std::string> names;
  for (const auto& row : query("SELECT name FROM pragma_table_info('cells')")) {
    names.push_back(std::get<std::string>(row[0]));
  }
  EXPECT_THAT(names, testing::IsSupersetOf({hostile, quoted, std::string("select")}));
  EXPECT_THAT(query("SELECT * FROM metrics"), ElementsAre(Row{"a", std::int64_t{0}, 1.0}));
}

TEST_F(SqliteTableTest, IsMadeAnewEachTime) {
  make_plan({"seed"}, {{"0"}});
  write_run("a", "running");
  export_sweep();
  write_run("a", "done");
  export_sweep();
  EXPECT_THAT(query("SELECT status FROM cells"), ElementsAre(Row{"done"}));
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(out())) files.push_back(entry.path().filename());
  EXPECT_THAT(files, ElementsAre("results.sqlite"));
}

}  // namespace
}  // namespace groklab
