#include "app/new_plugin.h"

#include "base/files.h"
#include "base/installation.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/unfinished_file.h"
#include "host/catalog.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestName = 64;

// Of C++20, and what YAML reads as nothing.
constexpr std::array kReserved{"alignas",       "alignof",     "and",
                               "and_eq",        "asm",         "auto",
                               "bitand",        "bitor",       "bool",
                               "break",         "case",        "catch",
                               "char",          "char16_t",    "char32_t",
                               "char8_t",       "class",       "co_await",
                               "co_return",     "co_yield",    "compl",
                               "concept",       "const",       "const_cast",
                               "consteval",     "constexpr",   "constinit",
                               "continue",      "decltype",    "default",
                               "delete",        "do",          "double",
                               "dynamic_cast",  "else",        "enum",
                               "explicit",      "export",      "extern",
                               "false",         "float",       "for",
                               "friend",        "goto",        "if",
                               "inline",        "int",         "long",
                               "mutable",       "namespace",   "new",
                               "noexcept",      "not",         "not_eq",
                               "nullptr",       "operator",    "or",
                               "or_eq",         "private",     "protected",
                               "public",        "register",    "reinterpret_cast",
                               "requires",      "return",      "short",
                               "signed",        "sizeof",      "static",
                               "static_assert", "static_cast", "struct",
                               "switch",        "template",    "this",
                               "thread_local",  "throw",       "true",
                               "try",           "typedef",     "typeid",
                               "typename",      "union",       "unsigned",
                               "using",         "virtual",     "void",
                               "volatile",      "wchar_t",     "while",
                               "xor",           "xor_eq",      "null"};

void check_kind(const std::string& kind) {
  const auto& kinds = plugin_kinds();
  if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return;
  throw Error(fmt::format("there is no kind of plugin '{}'{}", kind, suggestion(kind, kinds)));
}

// Two plugins of one kind and name could not be used together.
void check_is_free(const std::string& kind, const std::string& name) {
  if (kind == "backend" && name == "cpu") {
    throw Error("'cpu' is a device of groklab's own; choose another name");
  }
  for (const auto& folder : search_path({}, {})) {
    const auto file = folder / kind_folder(kind) / (name + ".so");
    if (!path_exists(file)) continue;
    throw Error(fmt::format("the {} '{}' exists already, {}; choose another name", kind, name,
                            file.string()));
  }
}

// Words of lower-case letters and digits with a _ between them, the first with a letter in front.
bool is_snake_case(const std::string& name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' && !name.ends_with('_') &&
         name.find("__") == std::string::npos &&
         name.find_first_not_of(kLetters) == std::string::npos;
}

void check_name(const std::string& name) {
  if (!is_snake_case(name)) {
    throw Error(
        fmt::format("'{}' cannot be a plugin's name: use snake_case, such as "
                    "sum_of_cubes",
                    name));
  }
  if (name.size() > kLongestName) {
    throw Error(fmt::format("'{}' is too long for a plugin's name: {} letters, at most {}", name,
                            name.size(), kLongestName));
  }
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end()) {
    throw Error(fmt::format("'{}' cannot be a plugin's name: it is a word of C++ or YAML", name));
  }
}

void check_folder(const fs::path& dir, const fs::path& folder) {
  if (!is_folder(dir)) throw Error(fmt::format("there is no folder {}", dir.string()));
  const bool is_free = !path_is_taken(folder) || is_empty_folder(folder);
  if (is_free) return;
  throw Error(fmt::format("{} exists already; choose another name or --dir", folder.string()));
}

// A folder that vanishes again unless it is moved to its place whole.
class Draft {
 public:
  explicit Draft(const fs::path& folder) : folder_(folder), path_(unfinished_path(folder)) {
    make_new_folder(path_);
  }
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  const fs::path& path() const { return path_; }
  void publish() { rename_file(path_, folder_); }

 private:
  fs::path folder_, path_;
};

}  // namespace

std::string class_name(const std::string& name) {
  std::string result;
  bool starts_word = true;
  for (const char letter : name) {
    const auto upper = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    if (letter != '_') result += starts_word ? upper : letter;
    starts_word = letter == '_';
  }
  return result;
}

fs::path new_plugin(const std::string& kind, const std::string& name, const fs::path& dir) {
  check_kind(kind);
  check_name(name);
  check_is_free(kind, name);
  const auto folder = (dir / name).lexically_normal();
  check_folder(dir, folder);

  const auto templates = installation() / "share/groklab/templates";
  const std::map<std::string, std::string> values{
      {"kind", kind}, {"name", name}, {"Class", class_name(name)}};
  const std::map<fs::path, std::string> files{
      {templates / "CMakeLists.txt.in", "CMakeLists.txt"},
      {templates / kind / "experiment.yaml.in", "experiment.yaml"},
      {templates / kind / "plugin.cpp.in", name + ".cpp"},
      {templates / kind / "plugin_test.cpp.in", name + "_test.cpp"}};
  Draft draft(folder);
  for (const auto& [source, file] : files) {
    write_atomically(draft.path() / file, filled(read_file(source), values));
  }
  draft.publish();
  return folder;
}

}  // namespace groklab
