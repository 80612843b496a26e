#include "spec/source.h"

#include "support/temporary_folder.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

std::string loaded(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const test::TemporaryFolder folder;
  return flow_text(load_spec(folder.write("spec.yaml", text), overrides));
}

auto refuses(const std::string& message) { return ThrowsMessage<Error>(message); }

TEST(LoadSpec, ReadsAFileAsItIs) { EXPECT_EQ(loaded("a: {b: [1, 2]}\n"), "{a: {b: [1, 2]}}"); }

TEST(LoadSpec, RefusesWhatIsNoMapOfKeys) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("spec.yaml", "");
  EXPECT_THAT([&] { load_spec(file, {}); },
              refuses(file.string() + ":1:1: a spec is a map of keys, but this is nothing"));
  folder.write("spec.yaml", "- a\n");
  EXPECT_THAT([&] { load_spec(file, {}); },
              refuses(file.string() + ":1:1: a spec is a map of keys, but this is a list"));
  folder.write("spec.yaml", "text\n");
  EXPECT_THAT([&] { load_spec(file, {}); }, ThrowsMessage<Error>(EndsWith("but this is 'text'")));
}

TEST(LoadSpec, NamesAFileThatDoesNotExist) {
  EXPECT_THAT([] { load_spec("/no/such/spec.yaml", {}); },
              refuses("cannot read /no/such/spec.yaml: No such file or directory"));
}

TEST(Extends, MergesKeyByKeyAndReplacesListsAndValues) {
  const test::TemporaryFolder folder;
  folder.write("base.yaml", "a: 1\nmap: {x: 1, y: {z: 1, w: 1}}\nlist: [1, 2, 3]\nkept: base\n");
  const auto file = folder.write(
      "spec.yaml", "extends: base.yaml\na: 2\nmap: {y: {z: 2}, new: 2}\nlist: [4]\nother: 2\n");
  EXPECT_EQ(flow_text(load_spec(file, {})),
            "{a: 2, map: {x: 1, y: {z: 2, w: 1}, new: 2}, list: [4], kept: base, "
            "extends: base.yaml, other: 2}");
}

TEST(Extends, TakesOverClaimsOnlyWithTheNameOfTheExperiment) {
  const test::TemporaryFolder folder;
  folder.write("base.yaml", "experiment: first\nclaim: it groks\nexpect: [1]\nfigures: [curve]\n");
  const auto loaded_as = [&](const std::string& over) {
    const auto root = load_spec(folder.write("spec.yaml", "extends: base.yaml\n" + over), {});
    return std::pair(root.find("claim") != nullptr, root.find("expect") != nullptr);
  };
  EXPECT_EQ(loaded_as("a: 1\n"), std::pair(true, true));
  EXPECT_EQ(loaded_as("experiment: first\n"), std::pair(true, true));
  EXPECT_EQ(loaded_as("experiment: second\n"), std::pair(false, false));
  EXPECT_EQ(loaded_as("experiment: second\nclaim: mine\n"), std::pair(true, false));
  EXPECT_NE(load_spec(folder.path() / "spec.yaml", {}).find("figures"), nullptr);
}

TEST(Extends, ReplacesAVariantWholeAndTakesItAwayByNothing) {
  const test::TemporaryFolder folder;
  folder.write("base.yaml",
               "sweep: {variants: {a: {x: 1, y: 2}, b: {x: 3}, c: {x: 4}}, grid: {z: [1]}}\n");
  const auto file =
      folder.write("spec.yaml", "extends: base.yaml\nsweep: {variants: {a: {y: 5}, b: ~}}\n");
  EXPECT_EQ(flow_text(load_spec(file, {}).find("sweep")->value),
            "{variants: {a: {y: 5}, b: ~, c: {x: 4}}, grid: {z: [1]}}");
}

TEST(Extends, IsRelativeToTheFileThatSaysIt) {
  const test::TemporaryFolder folder;
  folder.write("configs/root.yaml", "from: root\nroot: 1\n");
  folder.write("configs/paper.yaml", "extends: root.yaml\nfrom: paper\npaper: 1\n");
  const auto file =
      folder.write("experiments/one/spec.yaml", "extends: ../../configs/paper.yaml\nfrom: spec\n");
  const auto root = load_spec(file, {});
  EXPECT_EQ(root.find("from")->value.scalar, "spec");
  EXPECT_NE(root.find("root"), nullptr);
  EXPECT_NE(root.find("paper"), nullptr);
  EXPECT_EQ(root.find("root")->value.mark.text(),
            (folder.path() / "configs/root.yaml").string() + ":2:7");
  EXPECT_EQ(root.find("from")->value.mark.text(), file.string() + ":2:7");
}

TEST(Extends, PointsToTheNamedFileForWhatIsMissing) {
  const test::TemporaryFolder folder;
  folder.write("base.yaml", "a: 1\n");
  const auto file = folder.write("spec.yaml", "extends: base.yaml\n");
  EXPECT_EQ(load_spec(file, {}).mark.text(), file.string() + ":1:1");
}

TEST(Extends, NamesTheFileThatIsMissing) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("a/spec.yaml", "x: 1\nextends: ../paper.yaml\n");
  EXPECT_THAT(
      [&] { load_spec(file, {}); },
      refuses(file.string() + ":2:10: extends: there is no file " +
              (folder.path() / "paper.yaml").string() + " (paths are relative to the spec)"));
}

TEST(Extends, TakesOnePath) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("spec.yaml", "extends: [a.yaml, b.yaml]\n");
  EXPECT_THAT([&] { load_spec(file, {}); },
              refuses(file.string() + ":1:10: extends: expected the path of a spec, found a list"));
}

TEST(Extends, RefusesCircles) {
  const test::TemporaryFolder folder;
  const auto itself = folder.write("itself.yaml", "extends: ./itself.yaml\n");
  EXPECT_THAT([&] { load_spec(itself, {}); }, ThrowsMessage<Error>(HasSubstr("extends itself")));
  const auto a = folder.write("a.yaml", "extends: b.yaml\n");
  folder.write("b.yaml", "extends: a.yaml\n");
  EXPECT_THAT([&] { load_spec(a, {}); }, ThrowsMessage<Error>(HasSubstr("extends itself")));
}

TEST(Extends, RefusesAChainOfMoreThan16Files) {
  const test::TemporaryFolder folder;
  folder.write("0.yaml", "a: 1\n");
  for (int i = 1; i <= 16; ++i) {
    folder.write(std::to_string(i) + ".yaml", "extends: " + std::to_string(i - 1) + ".yaml\n");
  }
  EXPECT_NO_THROW(load_spec(folder.path() / "15.yaml", {}));
  EXPECT_THAT([&] { load_spec(folder.path() / "16.yaml", {}); },
              ThrowsMessage<Error>(EndsWith("0.yaml: more than 16 files extend one another")));
}

TEST(ShortForms, AreTheLongOnes) {
  EXPECT_EQ(loaded("operation: add\n"), "{operation: {name: add}}");
  EXPECT_EQ(loaded("optimizer: 'adam'\n"), "{optimizer: {name: \"adam\"}}");
  EXPECT_EQ(loaded("seed: 3\n"), "{seed: {split: 3, init: 3, batches: 3, noise: 3}}");
  EXPECT_EQ(loaded("probes: [norms, {name: other}]\n"), "{probes: [{name: norms}, {name: other}]}");
  EXPECT_EQ(loaded("training: 3\n"), "{training: 3}");  // of plugins and the seed only
}

TEST(ShortForms, MergeWithLongOnes) {
  const test::TemporaryFolder folder;
  folder.write("base.yaml", "seed: 1\noperation: {name: add, modulus: 5}\n");
  const auto file =
      folder.write("spec.yaml", "extends: base.yaml\nseed: {init: 2}\noperation: add\n");
  EXPECT_EQ(flow_text(load_spec(file, {})),
            "{seed: {split: 1, init: 2, batches: 1, noise: 1}, operation: {name: add, modulus: 5}, "
            "extends: base.yaml}");
}

TEST(Overrides, ReplaceOrAddAValueAnywhere) {
  constexpr const char* kSpec = "a: {b: {c: 1}}\nlist: [{x: 1}, 5]\n";
  EXPECT_EQ(loaded(kSpec, {"a.b.c=2"}), "{a: {b: {c: 2}}, list: [{x: 1}, 5]}");
  EXPECT_EQ(loaded(kSpec, {"a.b.d=2"}), "{a: {b: {c: 1, d: 2}}, list: [{x: 1}, 5]}");
  EXPECT_EQ(loaded(kSpec, {"n.e.w=2"}), "{a: {b: {c: 1}}, list: [{x: 1}, 5], n: {e: {w: 2}}}");
  EXPECT_EQ(loaded(kSpec, {"list.0.x=2", "list.1=6"}), "{a: {b: {c: 1}}, list: [{x: 2}, 6]}");
  EXPECT_EQ(loaded("probes: [{x: 1}, 5]\n", {"probes=[{x: 7}]"}), "{probes: [{x: 7}]}");
}

TEST(Overrides, HaveYamlAsTheirValue) {
  EXPECT_EQ(loaded("a: 1\n", {"b={c: [1, {d: e}]}"}), "{a: 1, b: {c: [1, {d: e}]}}");
  EXPECT_EQ(loaded("a: 1\n", {"b='5'"}), "{a: 1, b: \"5\"}");
  EXPECT_EQ(loaded("a: 1\n", {"b="}), "{a: 1, b: ~}");
  EXPECT_EQ(loaded("a: 1\n", {"b=x=y"}), "{a: 1, b: x=y}");
}

TEST(Overrides, TheLastOfThemWins) { EXPECT_EQ(loaded("a: 1\n", {"a=2", "a=3"}), "{a: 3}"); }

TEST(Overrides, KnowTheShortForms) {
  EXPECT_EQ(loaded("operation: {name: add, modulus: 5}\n", {"operation=subtract"}),
            "{operation: {name: subtract, modulus: 5}}");
  EXPECT_EQ(loaded("seed: {init: 1}\n", {"seed=3"}),
            "{seed: {init: 3, split: 3, batches: 3, noise: 3}}");
  EXPECT_EQ(loaded("seed: 1\n", {"seed.init=3"}),
            "{seed: {split: 1, init: 3, batches: 1, noise: 1}}");
  EXPECT_EQ(loaded("a: 1\n", {"probes=[norms]"}), "{a: 1, probes: [{name: norms}]}");
  EXPECT_EQ(loaded("probes: [norms]\n", {"probes.0=other"}), "{probes: [{name: other}]}");
}

TEST(Overrides, SayThatTheyCameFromTheCommandLine) {
  const test::TemporaryFolder folder;
  const auto root =
      load_spec(folder.write("spec.yaml", "a: 1\n"), {"b={c: [1, {d: 2}]}", "seed=3"});
  const auto& value = root.find("b")->value.find("c")->value;
  EXPECT_EQ(value.mark.text(), "command line");
  EXPECT_EQ(value.items[1].find("d")->mark.text(), "command line");
  EXPECT_EQ(value.items[1].find("d")->value.mark.text(), "command line");
  EXPECT_EQ(root.find("seed")->value.find("init")->value.mark.text(), "command line");
}

TEST(Overrides, AllThatAreWrongAreReportedTogether) {
  EXPECT_THAT(
      [] {
        loaded("list: [1, 2]\n", {"steps", "=5", "a..b=1", "list.2=1", "list.x=1", "a=[}"});
      },
      ThrowsMessage<Error>(
          testing::StartsWith("command line: 'steps' is not an override; write key=value, such as "
                              "optimizer.learning_rate=3e-4\n"
                              "command line: '=5' is not an override; write key=value, such as "
                              "optimizer.learning_rate=3e-4\n"
                              "command line: 'a..b=1' is not an override; write key=value, such as "
                              "optimizer.learning_rate=3e-4\n"
                              "command line: list.2: there is no item '2': list has the items 0 to "
                              "1; to add one, write the whole list, list=[…]\n"
                              "command line: list.x: there is no item 'x': list has the items 0 to "
                              "1; to add one, write the whole list, list=[…]\n"
                              "command line: a:1:2: ")));
}

TEST(Overrides, AreToldApartFromWhatLooksLikeThem) {
  EXPECT_THAT(
      [] {
        loaded("seed: 1\n", {"seed = 3", " seed=4"});
      },
      refuses("command line: 'seed = 3' has spaces beside =; write seed=3\n"
              "command line: ' seed=4' has spaces beside =; write seed=4"));
  EXPECT_THAT([] { loaded("probes: [a]\n", {"probes+=[b]"}); },
              refuses("command line: 'probes+=[b]' would add to a value, and an override replaces "
                      "it: write the whole value, probes=…"));
  EXPECT_THAT([] { loaded("probes: []\n", {"probes.0=a"}); },
              refuses("command line: probes.0: there is no item '0': probes is empty; to add one, "
                      "write the whole list, probes=[…]"));
}

TEST(Overrides, CannotExtendAnotherFile) {
  EXPECT_THAT([] { loaded("a: 1\n", {"extends=other.yaml"}); },
              refuses("command line: extends: cannot be overridden; write a spec that extends the "
                      "other file"));
}

// The keys of a section that were inherited from a section of another plugin.
std::vector<std::string> foreign(const YamlNode& section) {
  std::vector<std::string> keys;
  for (const auto& entry : section.entries) {
    if (entry.value.foreign) keys.push_back(entry.key);
  }
  return keys;
}

TEST(AnotherPlugin, MarksWhatItInherits) {
  const test::TemporaryFolder folder;
  folder.write("base.yaml", "optimizer: {name: adam, beta1: 0.9, learning_rate: 1}\n");
  const auto file = folder.write(
      "spec.yaml", "extends: base.yaml\noptimizer: {name: descent, learning_rate: 2}\n");
  EXPECT_THAT(foreign(load_spec(file, {}).find("optimizer")->value), ElementsAre("beta1"));
  for (const auto* override : {"optimizer.name=adam", "optimizer=adam"}) {
    EXPECT_THAT(
        foreign(load_spec(folder.path() / "base.yaml", {override}).find("optimizer")->value),
        IsEmpty())
        << override;
  }
  for (const auto* override : {"optimizer.name=descent", "optimizer=descent"}) {
    EXPECT_THAT(
        foreign(load_spec(folder.path() / "base.yaml", {override}).find("optimizer")->value),
        ElementsAre("beta1", "learning_rate"))
        << override;
  }
}

TEST(AnotherPlugin, OwnSettingsAfterTheChangeAreItsOwn) {
  const test::TemporaryFolder folder;
  const auto file = folder.write("spec.yaml", "optimizer: {name: adam, beta1: 0.9}\n");
  for (const auto& overrides :
       {std::vector<std::string>{"optimizer.name=descent", "optimizer.beta1=0.5"},
        std::vector<std::string>{"optimizer.beta1=0.5", "optimizer=descent"}}) {
    const auto root = load_spec(file, overrides);
    EXPECT_EQ(flow_text(root), "{optimizer: {name: descent, beta1: 0.5}}");
    EXPECT_THAT(foreign(root.find("optimizer")->value), IsEmpty());
  }
}

}  // namespace
}  // namespace groklab
