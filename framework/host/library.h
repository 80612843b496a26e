#pragma once

#include <groklab/plugin.h>

#include <filesystem>
#include <string>
#include <vector>

namespace groklab {

// A library beside the plugin's own that the plugin needs: neither the system's or LibTorch's nor
// one that the program has itself.
struct HelperLibrary {
  std::filesystem::path path;
  std::string content;  // content_hash
};

// A plugin's library, loaded. It stays loaded for the life of the process: objects, exceptions and
// type information of the plugin would dangle otherwise.
struct Library {
  std::filesystem::path path;  // absolute
  std::string hash;            // SHA-256 of the file
  std::string content;         // content_hash: what identifies it
  const Descriptor* descriptor;
  std::vector<HelperLibrary> helpers;
};

// Checks the file, then loads it with boost::dll (symbols resolved now, and kept local). Before
// anything of it runs it must be a regular file that no stranger may change (host/permissions), a
// complete shared library, of our ABI tag, with a descriptor. Loading a file again gives the same
// library, in memory of this process: whatever becomes of the file, and of the helpers' files,
// changes nothing.
// Throws Error that names the file, what is wrong and the way out.
const Library& load_library(const std::filesystem::path& file);

// The files of the library and its helpers whose content is another one now than when they were
// loaded, or that are gone.
std::vector<std::filesystem::path> replaced_files(const Library& library);

// The content of a library's file as it is now; empty if it cannot be read.
std::string current_content(const std::filesystem::path& file);

// The ABI tags that this program accepts: with LibTorch, and of plugins without tensors.
std::vector<std::string> accepted_abi_tags();

// The kinds of plugins, and the folder each lives in ("loss" in "losses").
const std::vector<std::string>& plugin_kinds();
std::string kind_folder(const std::string& kind);

}  // namespace groklab
