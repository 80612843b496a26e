#pragma once

#include "host/library.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace groklab {

// The plugin's schema, and a plugin made by its factory. What these throw becomes an Error that
// names the plugin.
Schema schema_of(const Library& library);
std::unique_ptr<Plugin> create_plugin(const Library& library, const Params& params);

// The plugins to be found in a list of folders. A library is <name>.so, in the folder itself or in
// its subfolder for the kind (operations/, models/, …). A name is looked up by loading only the
// files of that name; one that is not there is answered from the names of files, loading none.
class Catalog {
 public:
  struct Listed {
    std::filesystem::path path;
    const Library* library;  // nullptr: refused
    std::string problem;     // why; also two plugins of one name
  };

  // Throws Error if a folder does not exist.
  explicit Catalog(std::vector<std::filesystem::path> folders);

  // Throws Error: no such plugin (with the nearest names and the folders searched), two of that
  // name (naming both files), or a file of that name that cannot be loaded.
  const Library& find(const std::string& kind, const std::string& name) const;

  // Every library, by kind and name, whether it can be loaded or not. Loads them all.
  std::vector<Listed> list() const;

  // Those of one name, whatever their kind. Loads no other.
  std::vector<Listed> list(const std::string& name) const;

  // How the files are called, each name once. Loads none.
  std::vector<std::string> file_names() const;

  // The names of one kind that can be loaded. Loads all plugins.
  std::vector<std::string> names(const std::string& kind) const;

  // A plugin as its kind's interface, by create_plugin.
  template <class Kind>
  std::unique_ptr<Kind> create(const std::string& name, const Params& params) const {
    const Library& library = find(Kind::kKind, name);
    auto plugin = create_plugin(library, params);
    if (auto* object = dynamic_cast<Kind*>(plugin.get())) {
      plugin.release();
      return std::unique_ptr<Kind>(object);
    }
    throw Error(fmt::format("{}: registered as {}, but does not implement it",
                            library.path.string(), Kind::kKind));
  }

  const std::vector<std::filesystem::path>& folders() const { return folders_; }

 private:
  std::string suggestion_for(const std::string& kind, const std::string& name) const;
  static std::vector<Listed> loaded(const std::vector<std::filesystem::path>& files);

  std::vector<std::filesystem::path> folders_;
  std::vector<std::filesystem::path> files_;  // canonical, each once
};

// Where plugins are looked for, in this order: `given` (--plugin-path), the environment variable
// GROKLAB_PLUGIN_PATH (folders separated by colons), `spec` (plugins: of a spec), the program's
// own.
std::vector<std::filesystem::path> search_path(const std::vector<std::filesystem::path>& given,
                                               const std::vector<std::filesystem::path>& spec);

}  // namespace groklab
