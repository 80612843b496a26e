// groklab bench: what it prints, and how it runs beside another program.
#include "base/files.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace groklab {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr const char* kSpec = R"(experiment: tiny
operation: {name: add, modulus: 7}
model: {name: mlp, width: 4, hidden: 4}
loss: cross_entropy
optimizer: adamw
)";

class Bench : public testing::Test {
 protected:
  ProcessResult bench(const std::vector<std::string>& arguments) const {
    std::vector<std::string> command{"bench", spec_.string(), "--steps", "20", "--replicas", "3,2"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return test::run_groklab(command);
  }

  const test::TemporaryFolder folder_;
  const std::filesystem::path spec_ = folder_.write("spec.yaml", kSpec);
};

TEST_F(Bench, TellsHowSeveralCountsAreWritten) {
  const auto result = test::run_groklab({"bench", spec_.string(), "--replicas", "1", "8", "16"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.output,
            "bench: '8' is neither an override (key=value) nor part of --replicas, which takes one "
            "word: --replicas 1,8,16\n");
}

std::string last_line(const std::string& output) {
  const auto end = output.find_last_not_of('\n');
  const auto start = output.rfind('\n', end);
  return output.substr(start + 1, end - start);
}

TEST_F(Bench, PrintsItsContextFirstAndTheSpeedOfOneReplicaLast) {
  const auto result = bench({"precision=float64"});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_TRUE(result.output.starts_with("  date ")) << result.output;
  for (const auto* part : {"processor", "threads", "libtorch", "tiny", "float64", "GFLOP/s",
                           "replica-steps/s", "MiB/replica"}) {
    EXPECT_THAT(result.output, HasSubstr(part));
  }
  EXPECT_THAT(last_line(result.output), MatchesRegex("steps_per_second: [0-9.]+"));
}

TEST_F(Bench, WritesAllOfItAsJson) {
  const auto file = folder_.path() / "bench.json";
  const auto result = bench({"--json", file.string()});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const auto json = nlohmann::json::parse(read_file(file));
  EXPECT_EQ(json.at("context").at("experiment"), "tiny");
  EXPECT_GT(json.at("gemm_gflops").get<double>(), 0);
  const auto& packs = json.at("packs");
  ASSERT_EQ(packs.size(), 3U);  // one replica is measured unasked
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(packs.at(i).at("replicas"), i + 1);
    EXPECT_EQ(packs.at(i).at("steps"), 20);
    EXPECT_GT(packs.at(i).at("evaluation_ms").get<double>(), 0);
    EXPECT_GT(packs.at(i).at("peak_mib").get<double>(), 1);
    EXPECT_EQ(packs.at(i).contains("mib_per_replica"), i > 0);
  }
  EXPECT_EQ(json.at("steps_per_second"), packs.at(0).at("steps_per_second"));
  EXPECT_FALSE(json.contains("against"));
}

TEST_F(Bench, DividesTheTimeOfAStep) {
  const auto file = folder_.path() / "bench.json";
  const auto result = bench({"--json", file.string()});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  for (const auto* part : {"where a step's time goes", "  products ", "  optimizer ", "  rest ",
                           "R = 3: ", "multiply-adds a step", "of the measured rate"}) {
    EXPECT_THAT(result.output, HasSubstr(part));
  }
  for (const auto& pack : nlohmann::json::parse(read_file(file)).at("packs")) {
    const auto& profile = pack.at("profile");
    double sum = 0;
    for (const auto& share : profile.at("shares")) {
      EXPECT_GE(share.get<double>(), 0);
      sum += share.get<double>();
    }
    EXPECT_NEAR(sum, 1, 0.01);
    EXPECT_GT(profile.at("shares").at("products").get<double>(), 0);
    EXPECT_GT(profile.at("products_gflops").get<double>(), profile.at("gflops").get<double>());
    EXPECT_GT(profile.at("of_gemm").get<double>(), 0);
  }
}

TEST_F(Bench, CountsTheMultiplyAddsOfAStep) {
  const auto file = folder_.path() / "bench.json";
  const auto result =
      bench({"model={name: transformer, computation: plain, layers: 2, width: 8, heads: 2}",
             "training.batch_size=full", "--json", file.string()});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  constexpr int kElements = 7, kPairs = kElements * kElements / 2, kLength = 4, kWidth = 8;
  constexpr int kRows = kPairs * kLength;
  // Queries, keys and values, what attention puts out, and the two matrices of the MLP; then for
  // each pair the scores of all positions and the mixtures of values.
  constexpr int kBlock =
      kRows * (3 + 1 + 4 + 4) * kWidth * kWidth + kPairs * 2 * kLength * kLength * kWidth;
  constexpr int kForward = 2 * kBlock + kPairs * kWidth * kElements;  // with the head
  // Each product has two in the backward pass; the embedding has one with the one-hot tokens.
  constexpr int kStep = 3 * kForward + kRows * (kElements + 2) * kWidth;
  for (const auto& pack : nlohmann::json::parse(read_file(file)).at("packs")) {
    EXPECT_EQ(pack.at("profile").at("multiply_adds").get<double>(),
              pack.at("replicas").get<int>() * kStep);
  }
}

TEST_F(Bench, RunsInTurnWithAnotherProgram) {
  const auto file = folder_.path() / "bench.json";
  const auto log = folder_.path() / "log";
  const auto peer = "echo run >> '" + log.string() +
                    "'; echo 'steps_per_second: 1'; echo 'replica_steps_per_second: 7';"
                    "echo 'steps_per_second: 100'; echo done";
  const auto result = bench({"--against", peer, "--pairs", "2", "--json", file.string()});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("pair 2: ours "));
  EXPECT_THAT(result.output, HasSubstr("peer 100.000 steps/s, ratio "));
  EXPECT_THAT(result.output, HasSubstr("median ratio: "));
  EXPECT_EQ(read_file(log), "run\nrun\n");
  const auto against = nlohmann::json::parse(read_file(file)).at("against");
  EXPECT_EQ(against.at("command"), peer);
  ASSERT_EQ(against.at("pairs").size(), 2U);
  const auto& pair = against.at("pairs").at(0);
  EXPECT_DOUBLE_EQ(pair.at("ratio").get<double>(), pair.at("ours").get<double>() / 100);
}

TEST_F(Bench, AProgramThatSaysNoSpeedIsNamedWithTheEndOfItsOutput) {
  const auto silent = bench({"--against", "true"});
  EXPECT_EQ(silent.exit_code, 2);
  EXPECT_THAT(silent.output, HasSubstr("'true' printed no line 'steps_per_second: X'"));
  EXPECT_THAT(silent.output, HasSubstr("it printed nothing"));

  const auto other = bench({"--against", "seq 50 70; echo replica_steps_per_second: 3"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.output, HasSubstr("\n  62\n"));
  EXPECT_THAT(other.output, Not(HasSubstr("\n  61\n")));

  const auto no_number = bench({"--against", "echo steps_per_second: nan"});
  EXPECT_EQ(no_number.exit_code, 2);
  EXPECT_THAT(no_number.output, HasSubstr("which is no speed"));
}

TEST_F(Bench, AProgramThatFailsIsNamedWhateverItPrinted) {
  const auto failed = bench({"--against", "echo 'steps_per_second: 100'; exit 3"});
  EXPECT_EQ(failed.exit_code, 2);
  EXPECT_THAT(failed.output, HasSubstr("exit 3' failed with exit code 3"));

  const auto killed = bench({"--against", "kill -9 $$"});
  EXPECT_EQ(killed.exit_code, 2);
  EXPECT_THAT(killed.output, HasSubstr("was ended by signal 9"));
}

TEST_F(Bench, RefusesArgumentsThatMakeNoSense) {
  for (const auto& [option, value] : std::vector<std::pair<std::string, std::string>>{
           {"--steps", "0"}, {"--replicas", "1,0"}, {"--against", ""}, {"--pairs", "2"}}) {
    const auto result = test::run_groklab({"bench", spec_.string(), option, value});
    EXPECT_EQ(result.exit_code, 2) << option;
    EXPECT_THAT(result.output, HasSubstr(option));
  }
}

}  // namespace
}  // namespace groklab
