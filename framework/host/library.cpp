#include "host/library.h"

#include "base/files.h"
#include "base/text.h"
#include "host/elf_content.h"
#include "host/elf_symbols.h"
#include "host/loaded_files.h"
#include "host/permissions.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <groklab/error.h>
#include <groklab/torch_tag.h>

#include <algorithm>
#include <boost/dll/import.hpp>
#include <boost/dll/shared_library.hpp>
#include <map>
#include <set>
#include <string_view>

namespace groklab {
namespace {

constexpr std::string_view kDescriptorSymbol = "groklab_plugin";
constexpr std::string_view kAbiPrefix = GROKLAB_TEXT(GROKLAB_ABI_PREFIX) "_";

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& reason) {
  throw Error(fmt::format("{}: {}", file.string(), reason));
}

void check_abi(const std::filesystem::path& file, const std::vector<std::string>& symbols) {
  const auto accepted = accepted_abi_tags();
  std::string found;
  for (const auto& symbol : symbols) {
    if (!std::string_view(symbol).starts_with(kAbiPrefix)) continue;
    if (std::find(accepted.begin(), accepted.end(), symbol) != accepted.end()) return;
    found = symbol;
  }
  if (found.empty()) {
    refuse(file,
           "a shared library, but no groklab plugin: it has no ABI tag; end its source with "
           "GROKLAB_PLUGIN(…)");
  }
  refuse(file, fmt::format("built for another groklab: its ABI tag is {}, this program takes {}; "
                           "rebuild it against this program's headers",
                           found, join(accepted, " or ")));
}

void check_symbols(const std::filesystem::path& file, const std::string& bytes) {
  std::vector<std::string> symbols;
  try {
    symbols = exported_symbols(bytes);
  } catch (const Error& error) {
    refuse(file, error.what());
  }
  check_abi(file, symbols);
  if (std::find(symbols.begin(), symbols.end(), kDescriptorSymbol) == symbols.end()) {
    refuse(file,
           "has no descriptor (symbol groklab_plugin); end its source with GROKLAB_PLUGIN(…)");
  }
}

// Why the loader refused a library, from its own words (dlerror).
std::string loading_problem(const std::filesystem::path& file, std::string problem) {
  constexpr std::string_view kNotThere =
      ": cannot open shared object file: No such file or directory";
  const auto own = file.string() + ": ";
  if (problem.starts_with(own)) problem.erase(0, own.size());
  if (!problem.ends_with(kNotThere)) return "cannot be loaded: " + problem;
  return fmt::format(
      "cannot be loaded: it needs the library {}, which is not found; put that beside it and link "
      "it with -Wl,-rpath,'$ORIGIN', or name the folder in LD_LIBRARY_PATH",
      problem.substr(0, problem.size() - kNotThere.size()));
}

const Descriptor* open(const std::filesystem::path& file) {
  namespace dll = boost::dll;
  const auto mode = dll::load_mode::rtld_now | dll::load_mode::rtld_local;
  dll::fs::error_code failed;  // says nothing of why: that is in dlerror
  auto* library = new dll::shared_library(file.string(), failed, mode);  // never unloaded or freed
  if (failed) {
    const char* reason = ::dlerror();
    refuse(file, loading_problem(file, reason == nullptr ? failed.message() : reason));
  }
  return &library->get_alias<const Descriptor>(kDescriptorSymbol.data());
}

// Opens the library into memory of this process. What was opened has to be `bytes`, as the file was
// when it was checked: it is read once more afterwards.
const Descriptor* open_unchanged(const std::filesystem::path& file, const std::string& bytes) {
  static std::set<std::filesystem::path> changed;  // while they were opened: to be refused for good
  const auto* descriptor = open(file);
  keep_in_memory(file);
  if (changed.contains(file) || read_file(file) != bytes) {
    changed.insert(file);
    refuse(file, "was replaced while it was being loaded; give the command again");
  }
  return descriptor;
}

// The libraries that the one with these bytes needs, and those that they need, without those that
// were seen before.
void add_helpers(const std::string& bytes, std::set<std::filesystem::path>& seen,
                 std::vector<HelperLibrary>& helpers) {
  static const auto libtorch = loaded_file("libc10.so").parent_path();
  for (const auto& name : needed_libraries(bytes)) {
    const auto path = loaded_file(name);
    if (path.empty() || is_of_the_system(path) || path.parent_path() == libtorch) continue;
    if (!seen.insert(path).second) continue;
    keep_in_memory(path);
    const auto content = read_file(path);
    helpers.push_back({path, content_hash(content)});
    add_helpers(content, seen, helpers);
  }
}

void check_descriptor(const std::filesystem::path& file, const Descriptor& descriptor) {
  const auto& kinds = plugin_kinds();
  if (std::find(kinds.begin(), kinds.end(), descriptor.kind) == kinds.end()) {
    refuse(file, fmt::format("of kind '{}'; known: {}", descriptor.kind, join(kinds, ", ")));
  }
  if (file.stem() != descriptor.name) {
    refuse(file, fmt::format("registers the plugin '{0}', so the file must be called {0}.so",
                             descriptor.name));
  }
}

}  // namespace

std::vector<std::string> accepted_abi_tags() {
  std::vector<std::string> tags{GROKLAB_TEXT(GROKLAB_ABI_SYMBOL)};
#undef GROKLAB_TORCH_TAG
#define GROKLAB_TORCH_TAG no_torch
  tags.push_back(GROKLAB_TEXT(GROKLAB_ABI_SYMBOL));
  return tags;
}

const std::vector<std::string>& plugin_kinds() {
  static const std::vector<std::string> kinds{"operation",   "model", "loss",   "optimizer",
                                              "regularizer", "probe", "backend"};
  return kinds;
}

std::string kind_folder(const std::string& kind) {
  return kind + (kind.ends_with('s') ? "es" : "s");
}

const Library& load_library(const std::filesystem::path& file) {
  static std::map<std::filesystem::path, Library> loaded;
  static const auto of_program = loaded_files();
  std::error_code missing;
  const auto path = std::filesystem::canonical(file, missing);
  if (missing) refuse(file, missing.message());
  if (const auto known = loaded.find(path); known != loaded.end()) return known->second;

  static const Trusted trusted = trusted_here();
  check_permissions(path, trusted);
  const auto bytes = read_file(path);
  check_symbols(path, bytes);
  const auto* descriptor = open_unchanged(path, bytes);
  check_descriptor(path, *descriptor);
  Library library{path, sha256(bytes), content_hash(bytes), descriptor, {}};
  std::set<std::filesystem::path> seen(of_program.begin(), of_program.end());
  add_helpers(bytes, seen, library.helpers);
  return loaded.emplace(path, std::move(library)).first->second;
}

std::vector<std::filesystem::path> replaced_files(const Library& library) {
  std::vector<std::filesystem::path> replaced;
  const auto compare = [&](const std::filesystem::path& file, const std::string& content) {
    if (current_content(file) != content) replaced.push_back(file);
  };
  compare(library.path, library.content);
  for (const auto& [path, content] : library.helpers) compare(path, content);
  return replaced;
}

std::string current_content(const std::filesystem::path& file) {
  try {
    return content_hash(read_file(file));
  } catch (const Error&) {
    return "";
  }
}

}  // namespace groklab
