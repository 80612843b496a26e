#include "support/python.h"

#include <cstdlib>

namespace groklab::test {
namespace {

namespace fs = std::filesystem;

// The folder that `scripts/setup --tests` fills.
fs::path unpacked_wheels() {
  const auto* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache != '\0') return fs::path(cache) / "groklab/python-tests";
  const auto* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "" : home) / ".cache/groklab/python-tests";
}

// Prints the modules that are not there; importing them would take seconds.
constexpr const char* kLookFor = R"(
import importlib.util, sys
def is_there(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # the package around it
        return False
print(*[name for name in sys.argv[1:] if not is_there(name)], end="")
)";

}  // namespace

Python::Python(const std::vector<std::string>& modules) {
  missing_ = "there is no python3";
  for (const auto* candidate : {"/usr/bin/python3", "python3"}) {
    command_ = {"env", "PYTHONPATH=" + unpacked_wheels().string(), candidate};
    auto look = command_;
    look.insert(look.end(), {"-c", kLookFor});
    look.insert(look.end(), modules.begin(), modules.end());
    const auto result = run_program(look);
    if (!result.succeeded()) continue;
    missing_ = result.output;
    if (missing_.empty()) return;
    missing_ = "Python has no " + missing_;
  }
  missing_ += "; scripts/setup --tests installs it";
}

ProcessResult Python::run(const fs::path& script, const std::vector<std::string>& arguments) const {
  auto command = command_;
  command.push_back(script.string());
  command.insert(command.end(), arguments.begin(), arguments.end());
  return run_program(command);
}

}  // namespace groklab::test
