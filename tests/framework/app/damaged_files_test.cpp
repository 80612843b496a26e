// Every file that groklab reads back, with each of its values left out, of another type, empty,
// negative or huge: whoever reads it gets what it can use, or an Error. Anything else would be "a
// bug" on the terminal, or the end of the process.
#include "app/compare_report.h"
#include "app/found_checkpoint.h"
#include "app/inspect_report.h"
#include "app/sweep_status.h"
#include "framework/sweep/frozen_sweep.h"
#include "report/comparison.h"
#include "report/report.h"
#include "store/analysis.h"
#include "store/results.h"
#include "support/json_damages.h"
#include "sweep/frozen_cell.h"
#include "sweep/worker.h"

#include <gmock/gmock.h>

#include <functional>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using test::DamagedText;

// Takes rows and leaves them.
class NoWriter final : public TableWriter {
 public:
  void begin(const TableLayout&) override {}
  void add(const std::vector<TableValue>&) override {}
  std::vector<fs::path> finish() override { return {}; }
};

class DamagedFiles : public test::FrozenSweep {
 protected:
  // Two runs that are done, one that was stopped, with claims, figures and what is expected.
  void SetUp() override {
    plan_ = freeze({"sweep.seeds=2", "figures=[{kind: curve, series: seed}]",
                    "expect=[{statistic: generalized_share, at_most: 1}]"},
                   1);
    std::int64_t step = 0;
    work_on(sweep_, {}, {.stop_requested = [] { return false; }});
    plan_ = freeze({"sweep.seeds=3", "figures=[{kind: curve, series: seed}]",
                    "expect=[{statistic: generalized_share, at_most: 1}]"},
                   1);
    work_on(sweep_, {},
            {.progress = [&](const Progress& now) { step = now.step; },
             .stop_requested = [&] { return step >= 6; }});
  }

  fs::path run() const { return sweep_.cell(plan_.cells.at(0).id); }
  fs::path stopped_run() const { return sweep_.cell(plan_.cells.at(2).id); }

  void report() const {
    const auto study = read_study(sweep_.path);
    const auto page = make_page(study, draw_figures(study, figures_of(study)));
    page_data(page);
    NoWriter writer;
    write_results(study.runs, false, writer);
    const auto comparison = compare({study, study}, {});
    comparison_text(comparison);
    comparison_json(comparison).dump();
  }

  void status() const {
    const auto runs = read_run_set(sweep_.path);
    SweepMonitor monitor(sweep_, runs.plan);
    ClaimWatch watch;
    const auto& state = monitor.read(watch);
    sweep_status_text(runs, state);
    sweep_status_json(runs, state).dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  static void inspect(const fs::path& folder) {
    const auto found = find_checkpoint(folder);
    const auto groups = grouped_tensors(found.content);
    checkpoint_text(found, groups);
    checkpoint_json(found, groups).dump(-1, ' ', false, Json::error_handler_t::replace);
  }

  static void predict(const fs::path& folder) {
    std::vector<std::string> warnings;
    load_experiment_of(find_checkpoint(folder), {test::plugin_dir()}, warnings);
  }

  static void read_alone(const fs::path& folder) {
    const auto run = read_run_set(folder);
    const auto state = read_single_run(run);
    sweep_status_text(run, state);
    const auto study = read_study(folder);
    make_page(study, draw_figures(study, figures_of(study)));
  }

  void load_cells() const {
    const auto plan = read_plan(sweep_);
    const auto catalog = catalog_of(sweep_, plan);
    for (const auto& cell : plan.cells) {
      auto frozen = load_frozen_cell(sweep_, cell.id, catalog);
      frozen.folder->checkpoint();
      frozen.folder->metrics();
    }
  }

  // Runs every reader on every damage of a file, and puts the file back.
  void expect_errors_only(const fs::path& file, const std::vector<DamagedText>& damages,
                          const std::vector<std::function<void()>>& readers) const {
    const auto whole = read_file(file);
    for (const auto& [how, text] : damages) {
      replace_file(file, text);
      for (std::size_t i = 0; i < readers.size(); ++i) {
        try {
          readers[i]();
        } catch (const Error& error) {
          EXPECT_GT(std::string_view(error.what()).size(), 20U) << how;
          EXPECT_LT(std::string_view(error.what()).size(), 3000U) << how;
        } catch (const std::exception& error) {
          ADD_FAILURE() << file << ", " << how << ", reader " << i << ": " << error.what();
        }
      }
    }
    replace_file(file, whole);
  }

  std::vector<DamagedText> damages_of(const fs::path& file) const {
    return test::damages_of(Json::parse(read_file(file)));
  }

  SweepPlan plan_;
};

TEST_F(DamagedFiles, OfAPlanAreErrors) {
  const auto damages = damages_of(sweep_.plan());
  EXPECT_GT(damages.size(), 300U);
  expect_errors_only(sweep_.plan(), damages,
                     {[&] { report(); }, [&] { status(); }, [&] { load_cells(); }});
}

TEST_F(DamagedFiles, OfARunsRecordAreErrors) {
  const auto done = run() / "run.json", stopped = stopped_run() / "run.json";
  expect_errors_only(done, damages_of(done),
                     {[&] { report(); }, [&] { inspect(run()); }, [&] { read_alone(run()); }});
  expect_errors_only(stopped, damages_of(stopped), {[&] { status(); }, [&] { load_cells(); }});
}

TEST_F(DamagedFiles, OfMetricsAreErrors) {
  const auto file = run() / "metrics.jsonl";
  const auto text = read_file(file);
  const auto second = text.find('\n') + 1, third = text.find('\n', second);
  auto damages = test::damages_of(Json::parse(text.substr(second, third - second)));
  for (auto& damage : damages)
    damage.text = text.substr(0, second) + damage.text + text.substr(third);
  expect_errors_only(file, damages, {[&] { report(); }, [&] { status(); }, [&] { load_cells(); }});
}

TEST_F(DamagedFiles, OfAClaimLeaveItWithNobodyKnown) {
  ClaimFolder claims(sweep_.claims());
  const auto name = plan_.packs.at(2).name;
  const auto held = claims.take(name, claims.all().at(name));
  const auto file = sweep_.claims() / fmt::format("{}.{}", name, held->view().generation);
  expect_errors_only(file, damages_of(file), {[&] { report(); }, [&] { status(); }});
}

TEST_F(DamagedFiles, OfACheckpointsContentAreErrors) {
  const auto file = run() / "checkpoint.safetensors";
  const auto whole = from_safetensors(read_file(file));
  std::vector<DamagedText> damages;
  const auto add = [&](const std::string& how, const std::function<void(TensorFile&)>& change) {
    auto damaged = whole;
    change(damaged);
    damages.push_back({how, to_safetensors(damaged)});
  };
  for (std::size_t i = 0; i < whole.tensors.size(); ++i) {
    const auto& [name, dtype, shape, bytes] = whole.tensors[i];
    add("without " + name, [&](auto& its) {
      its.tensors.erase(its.tensors.begin() + static_cast<std::ptrdiff_t>(i));
    });
    add("flat " + name, [&](auto& its) {
      its.tensors[i].dtype = "U8";
      its.tensors[i].shape = {static_cast<std::int64_t>(bytes.size())};
    });
    add("empty " + name, [&](auto& its) { its.tensors[i] = {name, dtype, {0}, ""}; });
    add("odd numbers in " + name,
        [&](auto& its) { its.tensors[i].bytes.assign(bytes.size(), '\xff'); });
  }
  for (const auto& [key, value] : whole.metadata) {
    add("without " + key, [&](auto& its) { its.metadata.erase(key); });
    for (const auto* text : {"", "x", "-1", "99999999999999999999", "[]", "[1]", "{}", "null"}) {
      add(key + " = " + text, [&](auto& its) { its.metadata[key] = text; });
    }
  }
  expect_errors_only(file, damages,
                     {[&] { report(); }, [&] { inspect(run()); }, [&] { inspect(file); },
                      [&] { read_analysis(run()); }, [&] { load_cells(); }});
}

TEST_F(DamagedFiles, OfACellsSpecAreErrors) {
  const auto file = run() / "spec.yaml";
  const auto text = read_file(file);
  std::vector<DamagedText> damages{{"empty", ""},
                                   {"a list", "- 1\n"},
                                   {"a bracket", "["},
                                   {"binary", std::string("\0\1\xff", 3)},
                                   {"a name", "experiment: 3\n"}};
  for (std::size_t start = 0; start < text.size();) {
    const auto end = text.find('\n', start) + 1;
    damages.push_back(
        {"without the line at " + std::to_string(start), text.substr(0, start) + text.substr(end)});
    const auto colon = text.find(": ", start);
    for (const auto* value : {"", "null", "-1", "1e400", "[]", "{}", "{a: {b: c}}", "\"\"", "x"}) {
      if (colon >= end) break;
      damages.push_back({text.substr(start, colon - start) + " = " + value,
                         text.substr(0, colon + 2) + value + "\n" + text.substr(end)});
    }
    start = end;
  }
  expect_errors_only(file, damages, {[&] { load_cells(); }, [&] { predict(run()); }});
}

}  // namespace
}  // namespace groklab
