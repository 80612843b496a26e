#pragma once

#include "base/text.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <memory>
#include <string>

namespace groklab {

// A plugin failed while it trained. That fails its run, not the program; the message names it.
class PluginFailure : public Error {
 public:
  using Error::Error;
};

// A plugin in use.
template <class Kind>
struct Used {
  std::string name;
  std::unique_ptr<Kind> plugin;

  // action(plugin); what that throws becomes a PluginFailure with the plugin's kind and name.
  template <class Action>
  auto call(Action action) const {
    try {
      return action(*plugin);
    } catch (const std::exception& error) {
      fail(message_of(error));
    } catch (...) {
      fail("an exception that is not a std::exception");
    }
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw PluginFailure(fmt::format("{} {}: {}", Kind::kKind, name, reason));
  }
};

}  // namespace groklab
