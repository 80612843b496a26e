#include "host/catalog.h"

#include "base/paths.h"
#include "base/text.h"

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <tuple>

namespace groklab {
namespace {

namespace fs = std::filesystem;

void add_libraries(const fs::path& folder, std::vector<fs::path>& files) {
  for (const auto& entry : entries_of(folder)) {
    if (entry.extension() != ".so") continue;
    std::error_code broken_link;
    auto file = fs::weakly_canonical(entry, broken_link);
    if (broken_link) file = entry;  // to be refused under its name when it is opened
    if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
  }
}

bool is_in_folder_of(const std::string& kind, const fs::path& file) {
  return file.parent_path().filename() == kind_folder(kind);
}

// A library in operations/ is none of another kind, so it is not even opened.
bool may_hold(const fs::path& file, const std::string& kind) {
  const auto& kinds = plugin_kinds();
  const bool kind_specific = std::any_of(
      kinds.begin(), kinds.end(), [&](const auto& other) { return is_in_folder_of(other, file); });
  return !kind_specific || is_in_folder_of(kind, file);
}

std::string folder_list(const std::vector<fs::path>& folders) {
  std::string text;
  for (const auto& folder : folders) text += "\n  searched " + folder.string();
  return text;
}

template <class Action>
auto named(const Library& library, const char* activity, Action action) {
  const auto who = fmt::format("{} {}", library.descriptor->kind, library.descriptor->name);
  const auto failed =
      fmt::format("{} ({}) failed while it {}: ", who, library.path.string(), activity);
  try {
    return action();
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", who, message_of(error)));
  } catch (const std::exception& error) {
    throw Error(failed + message_of(error));
  } catch (...) {
    throw Error(failed + "an exception that is not a std::exception");
  }
}

}  // namespace

Catalog::Catalog(std::vector<fs::path> folders) : folders_(std::move(folders)) {
  for (const auto& folder : folders_) {
    if (!is_folder(folder)) {
      throw Error(fmt::format("plugin folder {} does not exist", folder.string()));
    }
    add_libraries(folder, files_);
    for (const auto& kind : plugin_kinds()) {
      if (is_folder(folder / kind_folder(kind))) {
        add_libraries(folder / kind_folder(kind), files_);
      }
    }
  }
}

const Library& Catalog::find(const std::string& kind, const std::string& name) const {
  const Library* found = nullptr;
  for (const auto& file : files_) {
    if (file.stem() != name || !may_hold(file, kind)) continue;
    const Library& library = load_library(file);
    if (library.descriptor->kind != kind) continue;
    if (found != nullptr) {
      throw Error(fmt::format("two {} plugins are called '{}': {} and {}; rename or remove one",
                              kind, name, found->path.string(), library.path.string()));
    }
    found = &library;
  }
  if (found != nullptr) return *found;
  throw Error(fmt::format("there is no {} '{}'{}{}", kind, name, suggestion_for(kind, name),
                          folder_list(folders_)));
}

// What kind a library outside of the folders of kinds has is not known until it is loaded.
std::string Catalog::suggestion_for(const std::string& kind, const std::string& name) const {
  std::set<std::string> possible, certain;
  for (const auto& file : files_) {
    if (file.stem() == name) continue;  // of another kind
    if (may_hold(file, kind)) possible.insert(file.stem());
    if (is_in_folder_of(kind, file)) certain.insert(file.stem());
  }
  const std::vector<std::string> all(possible.begin(), possible.end());
  if (!nearest(name, all).empty()) return suggestion(name, all);
  return suggestion(name, {certain.begin(), certain.end()});
}

std::vector<std::string> Catalog::file_names() const {
  std::set<std::string> names;
  for (const auto& file : files_) names.insert(file.stem());
  return {names.begin(), names.end()};
}

std::vector<Catalog::Listed> Catalog::list() const { return loaded(files_); }

std::vector<Catalog::Listed> Catalog::list(const std::string& name) const {
  std::vector<fs::path> files;
  std::copy_if(files_.begin(), files_.end(), std::back_inserter(files),
               [&](const auto& file) { return file.stem() == name; });
  return loaded(files);
}

std::vector<Catalog::Listed> Catalog::loaded(const std::vector<fs::path>& files) {
  std::vector<Listed> all;
  std::map<std::pair<std::string, std::string>, fs::path> owners;
  for (const auto& file : files) {
    try {
      const Library& library = load_library(file);
      const auto& [kind, name, summary, source, formula, schema, create] = *library.descriptor;
      const auto [owner, is_new] = owners.try_emplace({kind, name}, file);
      all.push_back({file, &library,
                     is_new ? ""
                            : fmt::format("{}: the name is also taken by {}", file.string(),
                                          owner->second.string())});
    } catch (const Error& error) {
      all.push_back({file, nullptr, error.what()});
    }
  }
  const auto rank = [](const Listed& listed) {
    const auto& kinds = plugin_kinds();
    const auto kind = listed.library == nullptr
                          ? kinds.end()
                          : std::find(kinds.begin(), kinds.end(), listed.library->descriptor->kind);
    return std::tuple(kind - kinds.begin(), listed.path.stem().string(), listed.path.string());
  };
  std::sort(all.begin(), all.end(),
            [&](const Listed& a, const Listed& b) { return rank(a) < rank(b); });
  return all;
}

std::vector<std::string> Catalog::names(const std::string& kind) const {
  std::vector<std::string> names;
  for (const auto& listed : list()) {
    if (listed.library != nullptr && listed.library->descriptor->kind == kind) {
      names.push_back(listed.library->descriptor->name);
    }
  }
  return names;
}

Schema schema_of(const Library& library) {
  return named(library, "declared its parameters", [&] { return library.descriptor->schema(); });
}

std::unique_ptr<Plugin> create_plugin(const Library& library, const Params& params) {
  return named(library, "was created", [&] { return library.descriptor->create(params); });
}

std::vector<fs::path> search_path(const std::vector<fs::path>& given,
                                  const std::vector<fs::path>& spec) {
  auto folders = given;
  if (const char* variable = std::getenv("GROKLAB_PLUGIN_PATH")) {
    std::istringstream list(variable);
    for (std::string folder; std::getline(list, folder, ':');) {
      if (folder.empty()) continue;
      if (!is_folder(folder)) {
        throw Error(
            fmt::format("GROKLAB_PLUGIN_PATH names {}, and there is no such folder", folder));
      }
      folders.emplace_back(folder);
    }
  }
  folders.insert(folders.end(), spec.begin(), spec.end());
  const fs::path program = boost::dll::program_location().string();
  const auto own = program.parent_path().parent_path() / "lib/groklab/plugins";
  if (is_folder(own)) folders.push_back(own);
  return folders;
}

}  // namespace groklab
