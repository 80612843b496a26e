#pragma once

#include "store/request.h"
#include "store/run_record.h"
#include "store/tensorboard.h"
#include "store/used_plugin.h"

#include <string>
#include <utility>
#include <vector>

namespace groklab {

// What identifies a run: its spec, resolved, and its plugins.
struct RunIdentity {
  std::string experiment;                                     // its name
  std::string hash;                                           // of the resolved spec
  std::vector<std::pair<std::string, std::string>> settings;  // path → value
  std::string spec_yaml;
  std::vector<UsedPlugin> plugins;
  std::vector<Request> figures{}, expectations{};  // of a run outside of a sweep; they do not
                                                   // identify it
  Hyperparameters hyperparameters{};               // the settings that decide the numbers
};

// In which settings a recorded run differs, a line each, each after a line's end.
std::string differences_from(const RunRecord& record, const RunIdentity& identity);

// The plugins of which a build is used that differs from the one that started the run, in the words
// of difference_of_builds.
std::vector<std::string> changed_from(const RunRecord& record, const RunIdentity& identity);

}  // namespace groklab
