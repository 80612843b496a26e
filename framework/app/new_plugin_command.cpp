// groklab plugins new KIND NAME
#include "app/commands.h"
#include "app/new_plugin.h"
#include "base/exit_codes.h"
#include "base/installation.h"
#include "base/shell.h"

#include <fmt/format.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;

struct NewPluginOptions {
  std::string kind, name;
  fs::path dir = ".";
};

std::string quoted(const fs::path& path) { return shell_word(path.string()); }

int make(const NewPluginOptions& options) {
  const auto folder = new_plugin(options.kind, options.name, options.dir);
  const auto build = quoted(folder / "build"), prefix = quoted(installation());
  fmt::print(
      "{0} has the {1} {2}: change {2}.cpp, and {2}_test.cpp with it. To build, check and run it:\n"
      "  cmake -G Ninja -S {3} -B {4} -DCMAKE_PREFIX_PATH={5} && cmake --build {4}\n"
      "  ctest --test-dir {4} --output-on-failure\n"
      "  {6} run {7}\n",
      folder.string(), options.kind, options.name, quoted(folder), build, prefix,
      quoted(installation() / "bin/groklab"), quoted(folder / "experiment.yaml"));
  return kDone;
}

}  // namespace

void add_new_plugin_command(CLI::App& plugins, Action& action) {
  auto* command = plugins.add_subcommand("new", "a folder with a plugin to start from");
  const auto options = std::make_shared<NewPluginOptions>();
  command->add_option("KIND", options->kind, "operation, model, loss, optimizer, …")->required();
  command->add_option("NAME", options->name, "of the plugin and its folder, in snake_case")
      ->required();
  command->add_option("--dir", options->dir, "where to make the folder")->capture_default_str();
  command->callback([&action, options] { action = [options] { return make(*options); }; });
}

}  // namespace groklab
