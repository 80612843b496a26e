#include "app/bench_report.h"

#include "app/summary_table.h"
#include "report/statistics.h"

#include <fmt/format.h>

namespace groklab {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const BenchContext& context) {
  return {{"date", context.date},
          {"processor", context.processor},
          {"cores", context.cores},
          {"threads", context.threads},
          {"groklab", context.groklab},
          {"libtorch", context.libtorch},
          {"experiment", context.experiment},
          {"device", context.device},
          {"precision", context.precision}};
}

Json to_json(const std::vector<PackTiming>& packs, double gemm_gflops) {
  auto all = Json::array();
  for (std::size_t i = 0; i < packs.size(); ++i) {
    const auto& pack = packs[i];
    Json json{{"replicas", pack.replicas},
              {"steps", pack.steps},
              {"ms_per_step", 1e3 * pack.seconds_per_step},
              {"ms_per_step_fastest", 1e3 * pack.fastest},
              {"ms_per_step_slowest", 1e3 * pack.slowest},
              {"steps_per_second", pack.steps_per_second()},
              {"replica_steps_per_second", pack.replica_steps_per_second()},
              {"evaluation_ms", 1e3 * pack.evaluation_seconds},
              {"evaluation_steps", pack.evaluation_steps()},
              {"peak_mib", pack.peak_mib}};
    if (i > 0) json["mib_per_replica"] = mib_per_replica(packs[i - 1], pack);
    json["operators"] = pack.operators;
    if (pack.profile.steps > 0) json["profile"] = to_json(pack.profile, gemm_gflops);
    all.push_back(std::move(json));
  }
  return all;
}

Json to_json(const std::vector<SpeedPair>& pairs) {
  auto all = Json::array();
  for (const auto& pair : pairs) {
    all.push_back({{"ours", pair.ours}, {"peer", pair.peer}, {"ratio", pair.ratio()}});
  }
  return all;
}

}  // namespace

double median_ratio(const std::vector<SpeedPair>& pairs) {
  std::vector<double> ratios;
  for (const auto& pair : pairs) ratios.push_back(pair.ratio());
  return median(ratios);
}

double mib_per_replica(const PackTiming& smaller, const PackTiming& larger) {
  return (larger.peak_mib - smaller.peak_mib) /
         static_cast<double>(larger.replicas - smaller.replicas);
}

std::string to_text(const BenchContext& context) {
  return two_columns({{"date", context.date},
                      {"processor", context.processor},
                      {"cores", std::to_string(context.cores)},
                      {"threads", std::to_string(context.threads)},
                      {"groklab", context.groklab},
                      {"libtorch", context.libtorch},
                      {"experiment", context.experiment},
                      {"device", context.device},
                      {"precision", context.precision}});
}

std::string pack_heading() {
  return fmt::format("  {:>8}  {:>9}  {:>9}  {:>15}  {:>13}  {:>8}  {:>8}  {:>11}\n", "replicas",
                     "ms/step", "steps/s", "replica-steps/s", "evaluation ms", "in steps",
                     "peak MiB", "MiB/replica");
}

std::string pack_line(const std::vector<PackTiming>& packs) {
  const auto& pack = packs.back();
  const auto growth =
      packs.size() < 2 ? "" : fmt::format("{:.1f}", mib_per_replica(packs[packs.size() - 2], pack));
  return fmt::format(
      "  {:>8}  {:>9.3f}  {:>9.2f}  {:>15.2f}  {:>13.3f}  {:>8.2f}  {:>8.1f}  {:>11}\n",
      pack.replicas, 1e3 * pack.seconds_per_step, pack.steps_per_second(),
      pack.replica_steps_per_second(), 1e3 * pack.evaluation_seconds, pack.evaluation_steps(),
      pack.peak_mib, growth);
}

std::string operators_line(const std::vector<PackTiming>& packs) {
  std::string line = "operators of LibTorch that a step calls:";
  for (const auto& pack : packs) line += fmt::format(" {} (R = {})", pack.operators, pack.replicas);
  return line + "\n";
}

std::string profile_table(const BenchReport& report) {
  if (report.packs.front().profile.steps == 0) return "";
  std::string table =
      "where a step's time goes: milliseconds of every thread, with the profile on\n";
  const auto row = [&](std::string_view name, auto cell) {
    table += fmt::format("  {:<12}", name);
    for (const auto& pack : report.packs) table += cell(pack);
    table += '\n';
  };
  const auto time = [](double milliseconds, double share) {
    return fmt::format("  {:>9.3f} {:>5.1f} %", milliseconds, 100 * share);
  };
  row("replicas", [](const auto& pack) { return fmt::format("  {:>17}", pack.replicas); });
  for (const auto work : kAllWork) {
    if (report.packs.front().profile.milliseconds_of(work) == 0) continue;
    row(name_of(work), [&](const auto& pack) {
      return time(pack.profile.milliseconds_of(work), pack.profile.total.share_of(work));
    });
  }
  row("all", [&](const auto& pack) { return time(pack.profile.milliseconds(), 1); });
  for (const auto& pack : report.packs) {
    const auto& profile = pack.profile;
    table += fmt::format(
        "products, R = {}: {:.2f} M multiply-adds a step, {:.1f} GFLOP/s, {:.1f} % of the measured "
        "rate (over the whole step: {:.1f} %)\n",
        pack.replicas, 1e-6 * profile.multiply_adds(), profile.products_gflops(),
        100 * profile.products_gflops() / report.gemm_gflops,
        100 * profile.gflops() / report.gemm_gflops);
  }
  return table;
}

std::string pair_line(std::size_t number, const SpeedPair& pair) {
  return fmt::format("  pair {}: ours {:.3f}, peer {:.3f} steps/s, ratio {:.3f}\n", number,
                     pair.ours, pair.peer, pair.ratio());
}

Json to_json(const BenchReport& report) {
  Json json{{"context", to_json(report.context)},
            {"gemm_gflops", report.gemm_gflops},
            {"packs", to_json(report.packs, report.gemm_gflops)}};
  if (!report.pairs.empty()) {
    json["against"] = {{"command", report.against},
                       {"pairs", to_json(report.pairs)},
                       {"median_ratio", median_ratio(report.pairs)}};
  }
  json["steps_per_second"] = report.packs.front().steps_per_second();
  return json;
}

}  // namespace groklab
