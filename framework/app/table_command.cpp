// groklab table OPERATION [parameter=value…]
#include "app/commands.h"
#include "app/read_parameters.h"
#include "base/exit_codes.h"
#include "base/text.h"
#include "host/catalog.h"
#include "train/plugin_call.h"
#include "train/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace groklab {
namespace {

struct TableOptions {
  std::string operation, format = "grid";
  std::vector<std::string> parameters;
  std::vector<std::filesystem::path> plugin_path;
  bool names = false;
};

void print_csv(const Table& table, const std::vector<std::string>& names) {
  fmt::print("x,y,z\n");
  for (std::int64_t row = 0; row < table.rows(); ++row) {
    fmt::print("{},{},{}\n", csv_field(names[table.x[row]]), csv_field(names[table.y[row]]),
               csv_field(names[table.z[row]]));
  }
}

// A line an x, a column a y.
void print_grid(const Table& table, const std::vector<std::string>& names) {
  std::size_t width = 1;
  for (const auto& name : names) width = std::max(width, name.size());
  const auto print_line = [width](const std::string& head, const std::vector<std::string>& cells) {
    fmt::print("{:>{}} |", head, width);
    for (const auto& cell : cells) fmt::print(" {:>{}}", cell, width);
    fmt::print("\n");
  };
  print_line("∘", names);
  fmt::print("{0:-<{1}}+{0:-<{2}}\n", "", width + 1, (width + 1) * names.size());
  std::int64_t row = 0;
  for (std::int64_t x = 0; x < table.elements; ++x) {
    std::vector<std::string> cells(names.size(), "-");
    for (; row < table.rows() && table.x[row] == x; ++row) {
      cells[table.y[row]] = names[table.z[row]];
    }
    print_line(names[x], cells);
  }
}

int table(const TableOptions& options) {
  const Catalog catalog(search_path(options.plugin_path, {}));
  const auto lookup = [&](const std::string& kind, const std::string& name) {
    return schema_of(catalog.find(kind, name));
  };
  const auto section =
      read_parameters(Operation::kKind, options.operation, options.parameters, lookup);
  const Used<Operation> operation{section.plugin,
                                  catalog.create<Operation>(section.plugin, section.params())};
  const auto table = operation.call([](Operation& o) { return make_table(o); });
  std::vector<std::string> names;
  for (std::int64_t element = 0; element < table.elements; ++element) {
    names.push_back(options.names
                        ? operation.call([&](Operation& o) { return o.element_name(element); })
                        : std::to_string(element));
  }
  options.format == "csv" ? print_csv(table, names) : print_grid(table, names);
  return kDone;
}

}  // namespace

void add_table_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("table", "print the table of an operation");
  const auto options = std::make_shared<TableOptions>();
  command->add_option("OPERATION", options->operation, "as in a spec")->required();
  command->add_option("PARAMETERS", options->parameters,
                      "parameter=value, such as modulus=7; `groklab plugins describe` names them");
  command
      ->add_option("--format", options->format,
                   "grid: a line an x, a column a y, - where there is no answer; csv: a line "
                   "x,y,z for each answer")
      ->check(CLI::IsMember({"grid", "csv"}))
      ->capture_default_str();
  command->add_flag("--names", options->names, "elements by their names instead of numbers");
  add_plugin_path(*command, options->plugin_path);
  command->callback([&action, options] { action = [options] { return table(*options); }; });
}

}  // namespace groklab
