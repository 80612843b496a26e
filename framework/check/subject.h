#pragma once

#include "check/check.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace groklab {

// The plugin that is checked: made with the parameters of some of three replicas, which differ in
// every parameter that is marked per-replica.
class Subject {
 public:
  static constexpr std::size_t kReplicas = 3;

  Subject(const Library& library, std::map<std::string, Value> given);

  const Library& library() const { return library_; }
  const Schema& schema() const { return schema_; }

  // A plugin for these replicas, such as {0, 1, 2} or {1}; `values` go before all others.
  std::unique_ptr<Plugin> make_any(const std::vector<std::size_t>& replicas,
                                   const std::map<std::string, Value>& values = {}) const {
    return create_plugin(library_, params(replicas, values));
  }

  template <class Kind>
  std::unique_ptr<Kind> make(const std::vector<std::size_t>& replicas = {0}) const {
    auto plugin = make_any(replicas);
    auto* object = dynamic_cast<Kind*>(plugin.get());
    if (object == nullptr) {
      throw Error(fmt::format("is registered as {}, but does not implement it", Kind::kKind));
    }
    plugin.release();
    return std::unique_ptr<Kind>(object);
  }

 private:
  Params params(const std::vector<std::size_t>& replicas,
                const std::map<std::string, Value>& values) const;

  const Library& library_;
  Schema schema_;
  std::map<std::string, Value> given_;
};

// The claims about each kind.
std::vector<Check> operation_checks(const Subject& subject);
std::vector<Check> model_checks(const Subject& subject);
std::vector<Check> loss_checks(const Subject& subject);
std::vector<Check> optimizer_checks(const Subject& subject);
std::vector<Check> regularizer_checks(const Subject& subject);
std::vector<Check> probe_checks(const Subject& subject);
std::vector<Check> backend_checks(const Subject& subject);

}  // namespace groklab
