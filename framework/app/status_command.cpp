// groklab status DIR [--watch [SECONDS]]
#include "app/commands.h"
#include "app/sweep_status.h"
#include "base/exit_codes.h"
#include "base/paths.h"
#include "base/signals.h"

#include <fmt/format.h>
#include <groklab/error.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr double kTerminalInterval = 2, kPlainInterval = 15;  // seconds
constexpr auto kSlice = std::chrono::milliseconds(100);       // in which a signal is noticed

struct StatusOptions {
  std::string folder;
  std::string format = "text";
  bool watch = false;
  std::string interval;  // seconds; empty: one that suits
};

// Reads again and again how far the runs of a folder are; the plan too, for cells may be added.
class StatusReader {
 public:
  explicit StatusReader(fs::path folder) : folder_(std::move(folder)) {}

  void read() {
    const SweepFolder sweep{folder_};
    const bool has_plan = sweep.has_plan();
    const auto written = has_plan ? write_time(sweep.plan()) : fs::file_time_type();
    if (!monitor_ || written != written_) {
      monitor_.reset();
      runs_ = read_run_set(folder_);
      if (runs_.is_sweep) monitor_.emplace(sweep, runs_.plan);
      written_ = written;
    }
    state_ = runs_.is_sweep ? monitor_->read(watch_) : read_single_run(runs_);
  }

  const RunSet& runs() const { return runs_; }
  const SweepState& state() const { return state_; }

 private:
  fs::path folder_;
  fs::file_time_type written_;
  RunSet runs_;
  std::optional<SweepMonitor> monitor_;
  ClaimWatch watch_;
  SweepState state_;
};

std::string shown(const StatusReader& reader, const StatusOptions& options) {
  if (options.format == "text") return sweep_status_text(reader.runs(), reader.state());
  const auto json = sweep_status_json(reader.runs(), reader.state());
  const int indent = options.watch ? -1 : 2;  // a line each time, or one that people can read
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::optional<double> seconds_of(const std::string& text) {
  double seconds = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || rest != end || !(seconds > 0)) return std::nullopt;
  return seconds;
}

void wait(std::chrono::duration<double> interval) {
  const auto end = std::chrono::steady_clock::now() + interval;
  while (!StopSignals::stop_requested() && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(kSlice);
  }
}

int watch(StatusReader& reader, const StatusOptions& options) {
  const bool redraws = ::isatty(STDOUT_FILENO) == 1 && options.format == "text";
  const auto given = seconds_of(options.interval);
  const std::chrono::duration<double> interval(
      given.value_or(redraws ? kTerminalInterval : kPlainInterval));
  const StopSignals signals;
  while (!StopSignals::stop_requested()) {
    reader.read();
    // From the upper left corner on an empty screen.
    fmt::print("{}{}", redraws ? "\x1b[H\x1b[2J" : "", shown(reader, options));
    if (std::fflush(stdout) != 0) throw Error("standard output cannot be written");
    if (reader.state().is_over()) break;
    wait(interval);
  }
  return kDone;
}

int run(const StatusOptions& options) {
  StatusReader reader(options.folder);
  if (options.watch) return watch(reader, options);
  reader.read();
  fmt::print("{}", shown(reader, options));
  return kDone;
}

}  // namespace

void add_status_command(CLI::App& program, Action& action) {
  auto* command = program.add_subcommand("status", "how far a sweep or a run is, and what failed");
  const auto options = std::make_shared<StatusOptions>();
  command->add_option("DIR", options->folder, "the folder that groklab run wrote, its --out");
  auto* watch = command->add_option(
      "--watch", options->interval,
      "show it again every so many seconds, by default 2 on a terminal and else 15, until all runs "
      "are over or Ctrl-C");
  watch->expected(0, 1)->type_name("[SECONDS]");
  command->add_option("--format", options->format, "text or json; with --watch a line of json each")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->footer("The exit code is 0 whatever became of the runs.");
  command->callback([&action, options, watch] {
    options->watch = watch->count() > 0;
    if (options->folder.empty() && !seconds_of(options->interval)) {
      std::swap(options->folder, options->interval);  // --watch DIR
    }
    if (options->folder.empty()) throw CLI::RequiredError("DIR");
    if (!options->interval.empty() && !seconds_of(options->interval)) {
      throw CLI::ValidationError("--watch", options->interval + " is no number of seconds above 0");
    }
    action = [options] { return run(*options); };
  });
}

}  // namespace groklab
