#include "store/driver_claim.h"

#include "base/files.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

namespace groklab {
namespace {

constexpr auto kLookAgain = std::chrono::milliseconds(500);

}  // namespace

std::unique_ptr<HeldClaim> claim_driver(const std::filesystem::path& folder,
                                        const std::string& way_out,
                                        const std::function<bool()>& stop_requested) {
  ClaimFolder claims(claims_of(folder));
  ClaimWatch watch;
  for (bool said = false; !stop_requested();) {
    const auto all = claims.all();
    const auto found = all.find(kDriverClaim);
    const auto seen = found == all.end() ? std::nullopt : std::optional(found->second);
    const auto holder = seen ? watch.look(*seen) : ClaimHolder::nobody;
    if (holder == ClaimHolder::alive) {
      throw FolderInUse(fmt::format("{} is being run by {} (last seen at {}); stop it first, or {}",
                                    folder.string(), seen->record.owner.text(), seen->record.seen,
                                    way_out));
    }
    if (holder == ClaimHolder::nobody) {
      if (auto claim = claims.take(kDriverClaim, seen)) return claim;  // or another one was faster
    } else if (!std::exchange(said, true)) {
      spdlog::warn("{} was being run by {}; waiting up to {} s for a sign of life", folder.string(),
                   seen->record.owner.text(), ClaimWatch::kPatience.count());
    }
    std::this_thread::sleep_for(kLookAgain);
  }
  return nullptr;
}

}  // namespace groklab
