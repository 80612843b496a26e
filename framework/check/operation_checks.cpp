#include "check/samples.h"
#include "check/subject.h"
#include "train/table.h"

#include <groklab/operation.h>

#include <algorithm>
#include <set>

namespace groklab {
namespace {

constexpr std::int64_t kMostNames = 1000;

void answers_with_elements(const Subject& subject) {
  const auto operation = subject.make<Operation>(), again = subject.make<Operation>();
  const auto table = make_table(*operation);
  require(table.rows() > 0, "no pair has an answer");
  for (std::int64_t row = 0; row < table.rows(); ++row) {
    const auto x = table.x[row], y = table.y[row], z = again->apply(x, y);
    require(z == table.z[row],
            fmt::format("{} ∘ {} gives {}, and asked again {}", x, y, table.z[row], z));
  }
}

void names_itself_and_its_elements(const Subject& subject) {
  const auto operation = subject.make<Operation>();
  require(!operation->formula().empty(), "its formula is empty");
  std::set<std::string> names;
  for (std::int64_t i = 0; i < std::min(operation->size(), kMostNames); ++i) {
    const auto name = operation->element_name(i);
    require(!name.empty(), fmt::format("element {} has no name", i));
    require(names.insert(name).second, fmt::format("two elements are named '{}'", name));
  }
}

}  // namespace

std::vector<Check> operation_checks(const Subject& subject) {
  return {
      {"answers pairs with elements, and always the same",
       [&subject] { answers_with_elements(subject); }},
      {"names itself and its elements", [&subject] { names_itself_and_its_elements(subject); }}};
}

}  // namespace groklab
