#include "check/check.h"

#include "support/paths.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Key;
using testing::Pair;

// What is found wrong with a plugin made for tests: claim → what was found instead.
std::map<std::string, std::string> failures(const std::string& name) {
  std::map<std::string, std::string> found;
  for (const auto& check : checks_of(load_library(test::fixture_dir() / (name + ".so")))) {
    try {
      check.test();
    } catch (const Error& error) {
      found[check.claim] = error.what();
    }
  }
  return found;
}

TEST(Checks, FindReplicasThatSeeEachOtherAndStateThatIsLost) {
  EXPECT_THAT(failures("mixing_optimizer"),
              ElementsAre(Pair("goes on from a checkpoint, to the bit",
                               HasSubstr("with and without a checkpoint on the way: ")),
                          Pair("keeps replicas apart, to the bit",
                               HasSubstr("weights of replica 0 in a pack and alone: "))));
}

TEST(Checks, FindAGradientThatDiffersFromFiniteDifferencesAndRowsThatShouldNotCount) {
  const auto found = failures("wrong_gradient_loss");
  EXPECT_THAT(found, Contains(Pair("declares each parameter soundly",
                                   "parameter 'scale': it has no help text")));
  EXPECT_THAT(found, Contains(Pair("has gradients that finite differences confirm",
                                   AllOf(HasSubstr("along 'logits' the derivative is "),
                                         HasSubstr(", and differences give ")))));
  EXPECT_THAT(
      found, Contains(Pair("is blind to rows of weight zero", "a row of weight 0 has a gradient")));
}

TEST(Checks, FindStateThatIsCountedOnTheHost) {
  EXPECT_THAT(failures("counting_optimizer"),
              ElementsAre(Key("goes on from a checkpoint, to the bit")));
}

TEST(Checks, FindAWrongShapeAndWhatThrows) {
  EXPECT_THAT(failures("wrong_shape_model"),
              Contains(Key("gives finite logits of the right shape and dtype")));
  EXPECT_THAT(failures("throwing_apply"),
              Contains(Key("answers pairs with elements, and always the same")));
}

TEST(Checks, RefuseAParameterThatThePluginDoesNotHave) {
  const auto& library = load_library(test::plugin_dir() / "operations/add.so");
  std::map<std::string, Value> given;
  given["modulo"] = std::int64_t{5};
  EXPECT_THAT([&] { checks_of(library, given); },
              testing::ThrowsMessage<Error>(HasSubstr("no parameter 'modulo'")));
  given.clear();
  given["modulus"] = std::int64_t{5};
  EXPECT_EQ(checks_of(library, given).size(), 5U);
}

}  // namespace
}  // namespace groklab
