#include "sweep/own_files.h"

#include "base/files.h"
#include "base/paths.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

namespace groklab {

namespace fs = std::filesystem;

OwnFiles::OwnFiles(fs::path folder) : folder_(std::move(folder)) {}

std::string OwnFiles::spec_of(Experiment experiment, const fs::path& spec_folder) {
  for (auto* setting : file_settings(experiment)) {
    setting->value = copy_of(*setting).lexically_relative(spec_folder).string();
  }
  return to_yaml(experiment);
}

fs::path OwnFiles::copy_of(const Setting& setting) {
  const fs::path source = std::get<std::string>(setting.value);
  auto copy = folder_ / setting.content_hash.substr(0, 16) / source.filename();
  if (!kept_.insert(copy).second) return copy;
  if (path_exists(copy) && sha256(read_file(copy)) == setting.content_hash) return copy;
  const auto content = read_file(source);
  if (sha256(content) != setting.content_hash) {
    throw Error(fmt::format("{} was changed while the spec was read; give the command again",
                            source.string()));
  }
  make_folder(copy.parent_path());
  write_atomically(copy, content);
  return copy;
}

}  // namespace groklab
