#include "check/check.h"

#include "support/paths.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;

// What is found wrong with a plugin: claim → what was found instead.
std::map<std::string, std::string> failures(const Library& library,
                                            const std::map<std::string, Value>& given) {
  std::map<std::string, std::string> found;
  for (const auto& check : checks_of(library, given)) {
    try {
      check.test();
    } catch (const NotTried&) {
    } catch (const Error& error) {
      found[check.claim] = error.what();
    }
  }
  return found;
}

// Of one that is made for tests.
std::map<std::string, std::string> failures(const std::string& name) {
  return failures(load_library(test::fixture_dir() / (name + ".so")), {});
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

TEST(Checks, FindASmallErrorInSmallGradients) {
  EXPECT_THAT(failures("subtle_gradient_loss"),
              Contains(Pair("has gradients that finite differences confirm",
                            HasSubstr("along 'logits' the derivative is "))));
}

// Without normalisation numbers grow from layer to layer: at weights of size 1, which no network
// starts with, rounding is all that differences and orders of summation show.
TEST(Checks, PassDeepTransformersWithoutNormalisation) {
  const auto& transformer = load_library(test::plugin_dir() / "models/transformer.so");
  const auto none = std::string("none"), gelu = std::string("gelu");
  EXPECT_THAT(failures(transformer, {{"norm", none},
                                     {"layers", std::int64_t{6}},
                                     {"width", std::int64_t{32}},
                                     {"activation", gelu},
                                     {"biases", true}}),
              IsEmpty());
  // Of relu's kinks there are many.
  EXPECT_THAT(failures(transformer,
                       {{"norm", none}, {"layers", std::int64_t{8}}, {"width", std::int64_t{16}}}),
              IsEmpty());
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
