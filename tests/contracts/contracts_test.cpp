// What every plugin must keep (framework/check), tried on every plugin that the project has.
#include "check/check.h"
#include "support/paths.h"

#include <gmock/gmock.h>

#include <cctype>

namespace groklab {
namespace {

// Values of parameters that have no default.
std::map<std::string, Value> given(const std::string& plugin) {
  std::map<std::string, Value> values;
  if (plugin == "polynomial") values["expression"] = std::string("x^2 + 3*y");
  if (plugin == "table_file") {
    values["file"] = (test::source_dir() / "tests/fixtures/tables/three.csv").string();
  }
  return values;
}

std::string camel_case(const std::string& words) {
  std::string name;
  bool begins = true;
  for (const unsigned char letter : words) {
    if (std::isalnum(letter)) name += static_cast<char>(begins ? std::toupper(letter) : letter);
    begins = !std::isalnum(letter);
  }
  return name;
}

void expect_contract(const Library& library, const std::map<std::string, Value>& values) {
  for (const auto& [claim, test] : checks_of(library, values)) {
    try {
      test();
    } catch (const NotTried&) {
    } catch (const Error& found) {
      ADD_FAILURE() << claim << ": " << found.what();
    }
  }
}

std::vector<const Library*> all_libraries() {
  std::vector<const Library*> libraries;
  for (const auto& [path, library, problem] : Catalog({test::plugin_dir()}).list()) {
    if (library != nullptr) libraries.push_back(library);
  }
  return libraries;
}

// One test a plugin and not one a claim: a process takes longer to begin than most claims.
class EveryPlugin : public testing::TestWithParam<const Library*> {};

TEST_P(EveryPlugin, KeepsTheContract) {
  expect_contract(*GetParam(), given(GetParam()->descriptor->name));
}

INSTANTIATE_TEST_SUITE_P(Contract, EveryPlugin, testing::ValuesIn(all_libraries()),
                         [](const auto& library) {
                           const auto& descriptor = *library.param->descriptor;
                           return fmt::format("{}_{}", descriptor.kind, descriptor.name);
                         });

// A flag the other way round, or another choice.
struct Option {
  const Library* library;
  std::string parameter;
  Value value;
};

std::vector<Option> all_options() {
  std::vector<Option> options;
  for (const auto* library : all_libraries()) {
    const auto schema = schema_of(*library);
    for (const auto& field : schema.fields()) {
      if (const auto* flag = std::get_if<bool>(&field.default_value)) {
        options.push_back({library, field.name, Value(!*flag)});
      }
      for (const auto& choice : field.choices) {
        // fused has no second derivatives and cannot be recorded; symmetric needs n! elements.
        const bool refuses = choice == "fused" || choice == "symmetric";
        if (refuses || Value(choice) == field.default_value) continue;
        options.push_back({library, field.name, Value(choice)});
      }
    }
  }
  return options;
}

class EveryOption : public testing::TestWithParam<Option> {};

TEST_P(EveryOption, KeepsTheContract) {
  const auto& [library, parameter, value] = GetParam();
  auto values = given(library->descriptor->name);
  values[parameter] = value;
  expect_contract(*library, values);
}

std::string name_of(const testing::TestParamInfo<Option>& option) {
  const auto& [library, parameter, value] = option.param;
  const auto& descriptor = *library->descriptor;
  return fmt::format("{}_{}_{}_{}", descriptor.kind, descriptor.name, parameter,
                     camel_case(to_text(value)));
}

INSTANTIATE_TEST_SUITE_P(Contract, EveryOption, testing::ValuesIn(all_options()), name_of);

TEST(EveryPluginOfTheProject, IsUsable) {
  for (const auto& [path, library, problem] : Catalog({test::plugin_dir()}).list()) {
    EXPECT_EQ(problem, "") << path;
  }
}

}  // namespace
}  // namespace groklab
