#include "store/claims.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/paths.h"
#include "base/setting_keys.h"
#include "base/unfinished_file.h"
#include "store/json_field.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::array kPhaseNames{std::pair{ClaimPhase::held, "held"},
                                 std::pair{ClaimPhase::released, "released"},
                                 std::pair{ClaimPhase::lost, "lost"}};

constexpr std::int64_t kMostDeaths = 1'000'000, kMostRuns = 1'000'000;  // that a file may tell of

std::string name_of(ClaimPhase phase) {
  for (const auto& [known, name] : kPhaseNames) {
    if (known == phase) return name;
  }
  throw std::logic_error("unknown phase of a claim");
}

ClaimPhase phase_of(const JsonField& name) {
  for (const auto& [phase, known] : kPhaseNames) {
    if (known == name.text()) return phase;
  }
  name.refuse("the phase of a claim");
}

std::string to_json_text(const ClaimRecord& record) {
  const auto& [host, process, machine, start] = record.owner;
  const auto& progress = record.progress;
  const Json json{{"phase", name_of(record.phase)},
                  {"host", host},
                  {"process", process},
                  {"machine", machine},
                  {"start", start},
                  {"beat", record.beat},
                  {"seen", record.seen},
                  {"deaths", record.deaths},
                  {"last_death", record.last_death},
                  {"step", progress.step},
                  {"steps", progress.steps},
                  {"runs", progress.runs},
                  {"steps_per_second", progress.steps_per_second}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

ClaimRecord from_json_text(const std::string& text) {
  const auto json = parse_json(text);
  const JsonField claim(json);
  ClaimRecord record;
  record.owner = {claim.at("host").text(), claim.at("process").integer(),
                  claim.at("machine").text(), claim.at("start").text()};
  record.phase = phase_of(claim.at("phase"));
  record.beat = claim.at("beat").integer();
  record.seen = claim.at("seen").text();
  record.deaths = static_cast<int>(claim.at("deaths").integer(0, kMostDeaths));
  record.last_death = claim.at("last_death").text();
  record.progress = {claim.at("step").integer(0, kMostSteps),
                     claim.at("steps").integer(0, kMostSteps),
                     claim.at("runs").integer(0, kMostRuns), claim.at("steps_per_second").number()};
  return record;
}

// The name of a claim's file: pack.12, and pack.12.released from its release on.
struct FileName {
  std::string claim;
  std::int64_t generation;
  bool is_released;
};

constexpr std::string_view kReleased = ".released";

std::optional<FileName> parse_name(std::string file) {
  if (file.starts_with('.')) return std::nullopt;  // one that is being made
  const bool is_released = file.ends_with(kReleased);
  if (is_released) file.resize(file.size() - kReleased.size());
  const auto point = file.rfind('.');
  if (point == std::string::npos) return std::nullopt;
  std::int64_t generation = 0;
  const auto* end = file.data() + file.size();
  const auto [rest, error] = std::from_chars(file.data() + point + 1, end, generation);
  if (error != std::errc() || rest != end) return std::nullopt;
  return FileName{file.substr(0, point), generation, is_released};
}

fs::path released(fs::path file) { return file += kReleased; }

ClaimRecord read_record(const fs::path& file) {
  try {
    return from_json_text(read_file(file));
  } catch (const Error&) {
    ClaimRecord record;  // of nobody known, since the file is damaged
    if (exists_for_sure(released(file))) record.phase = ClaimPhase::released;  // just now
    return record;
  }
}

// Makes `path` with this content, whole from the start; false if it is there, or was.
bool make_new(const fs::path& path, const std::string& content) {
  UnfinishedFile file(path);
  file.append(content);
  file.sync();
  if (!file.put_in_new_place()) return false;
  // Whoever took this generation and released it has made its name free again.
  if (!exists_for_sure(released(path))) return true;
  remove_file(path);
  return false;
}

}  // namespace

ClaimRecord ClaimRecord::after_death(const std::string& how) const {
  auto record = *this;
  record.phase = ClaimPhase::lost;
  record.deaths += 1;
  record.last_death = how;
  return record;
}

ClaimFolder::ClaimFolder(fs::path path) : path_(std::move(path)) {}

fs::path ClaimFolder::file(const ClaimView& claim) const {
  return path_ / fmt::format("{}.{}", claim.name, claim.generation);
}

std::map<std::string, ClaimView> ClaimFolder::all() const {
  std::map<std::string, ClaimView> claims;
  if (!path_exists(path_)) return claims;
  std::map<std::string, FileName> newest;
  for (const auto& entry : entries_of(path_)) {
    const auto parsed = parse_name(entry.filename().string());
    if (!parsed) continue;
    auto& known = newest.try_emplace(parsed->claim, *parsed).first->second;
    const bool is_newer = parsed->generation > known.generation;
    const bool is_its_end = parsed->generation == known.generation && parsed->is_released;
    if (is_newer || is_its_end) known = *parsed;
  }
  for (const auto& [name, parsed] : newest) {
    ClaimView claim{name, parsed.generation, {}};
    if (parsed.is_released) {
      claim.record.phase = ClaimPhase::released;
    } else {
      claim.record = read_record(file(claim));
    }
    claims[name] = std::move(claim);
  }
  return claims;
}

std::unique_ptr<HeldClaim> ClaimFolder::take(const std::string& name,
                                             const std::optional<ClaimView>& seen) {
  make_folder(path_);
  ClaimView view{name, seen ? seen->generation + 1 : 0, {}};
  view.record.owner = ProcessIdentity::mine();
  view.record.seen = utc_now();
  if (seen) {
    view.record.deaths = seen->record.deaths;
    view.record.last_death = seen->record.last_death;
  }
  if (!make_new(file(view), to_json_text(view.record))) return nullptr;
  return std::make_unique<HeldClaim>(*this, std::move(view));
}

void ClaimFolder::write(const ClaimView& claim) const {
  write_atomically(file(claim), to_json_text(claim.record));
}

void ClaimFolder::release(const ClaimView& claim) const {
  rename_file(file(claim), released(file(claim)));  // which works on a full disk
}

HeldClaim::HeldClaim(ClaimFolder folder, ClaimView view)
    : folder_(std::move(folder)),
      view_(std::move(view)),
      thread_([this](const std::stop_token& stop) { write_beats(stop); }) {}

HeldClaim::~HeldClaim() {
  try {
    release();
  } catch (const std::exception&) {  // the disk is full: it stays held until its process ends
  }
}

void HeldClaim::forget_deaths() {
  const std::lock_guard lock(mutex_);
  view_.record.deaths = 0;
  view_.record.last_death.clear();
}

void HeldClaim::report(const WorkProgress& progress) {
  const std::lock_guard lock(mutex_);
  view_.record.progress = progress;
}

bool HeldClaim::is_lost() {
  const auto next = folder_.file({view_.name, view_.generation + 1, {}});
  // A network file system that is away says nothing of the claim.
  if (exists_for_sure(next) || exists_for_sure(released(next))) is_lost_ = true;
  return is_lost_;
}

void HeldClaim::release() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  if (is_released_ || is_lost()) return;
  is_released_ = true;
  folder_.release(view_);
}

void HeldClaim::write_beats(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait_for(lock, stop, kBeat, [] { return false; });
    if (stop.stop_requested()) return;
    ++view_.record.beat;
    view_.record.seen = utc_now();
    const auto record = view_.record;
    lock.unlock();  // a slow disk must not keep the work waiting, neither to look nor to write
    if (is_lost()) return;
    try {
      write(record);
    } catch (const std::exception&) {  // the next one may succeed
    }
    lock.lock();
  }
}

void HeldClaim::write(const ClaimRecord& record) const {
  write_atomically(folder_.file(view_), to_json_text(record));
}

ClaimHolder ClaimWatch::look(const ClaimView& claim) {
  const auto& record = claim.record;
  if (record.phase != ClaimPhase::held) return ClaimHolder::nobody;
  if (const auto alive = record.owner.is_alive()) {
    return *alive ? ClaimHolder::alive : ClaimHolder::nobody;
  }
  const auto now = std::chrono::steady_clock::now();
  const Sight first{claim.generation, record.beat, record.beat, now};
  auto& sight = sights_.try_emplace(claim.name, first).first->second;
  if (sight.generation != claim.generation) sight = first;
  if (sight.beat != record.beat) {
    sight.beat = record.beat;
    sight.since = now;
  }
  if (now - sight.since >= patience_) return ClaimHolder::nobody;
  return sight.beat == sight.first_beat ? ClaimHolder::unproven : ClaimHolder::alive;
}

}  // namespace groklab
