#pragma once

#include <groklab/plugin.h>

#include <filesystem>
#include <string>
#include <vector>

namespace groklab {

// A plugin's library, loaded. It stays loaded for the life of the process: objects, exceptions and
// type information of the plugin would dangle otherwise.
struct Library {
  std::filesystem::path path;  // absolute
  std::string hash;            // SHA-256 of the file
  const Descriptor* descriptor;
};

// Checks the file, then loads it with boost::dll (symbols resolved now, and kept local). Before
// anything of it runs it must be a regular file that no stranger may change (host/permissions), a
// complete shared library, of our ABI tag, with a descriptor. Loading a file again gives the same library.
// Throws Error that names the file, what is wrong and the way out.
const Library& load_library(const std::filesystem::path& file);

// The ABI tags that this program accepts: with LibTorch, and of plugins without tensors.
std::vector<std::string> accepted_abi_tags();

// The kinds of plugins, and the folder each lives in ("loss" in "losses").
const std::vector<std::string>& plugin_kinds();
std::string kind_folder(const std::string& kind);

}  // namespace groklab
