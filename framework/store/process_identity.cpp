#include "store/process_identity.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace groklab {
namespace {

namespace fs = std::filesystem;

// The first line of a file of the system, which may be absent.
std::string first_line(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string host_name() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

// Containers of one machine number their processes each by themselves.
std::string this_machine() {
  std::error_code ignored;
  return fmt::format("{} {}", first_line("/proc/sys/kernel/random/boot_id"),
                     fs::read_symlink("/proc/self/ns/pid", ignored).string());
}

// In ticks since the machine booted; empty: there is no such process, or it has ended and only
// waits for its parent. proc(5): field 3 is the state, 22 the start; field 2, in parentheses, may
// hold anything.
std::string start_of(std::int64_t process) {
  const auto stat = first_line(fmt::format("/proc/{}/stat", process));
  const auto name_end = stat.rfind(") ");
  if (name_end == std::string::npos) return "";
  std::istringstream rest(stat.substr(name_end + 2));
  std::string field, state, start;
  rest >> state;
  for (int i = 4; i <= 21; ++i) rest >> field;
  rest >> start;
  return state == "Z" || state == "X" ? "" : start;
}

}  // namespace

ProcessIdentity ProcessIdentity::of(std::int64_t process) {
  return {host_name(), process, this_machine(), start_of(process)};
}

ProcessIdentity ProcessIdentity::mine() { return of(::getpid()); }

std::optional<bool> ProcessIdentity::is_alive() const {
  if (machine != this_machine()) return std::nullopt;
  return !start.empty() && start_of(process) == start;
}

std::string ProcessIdentity::text() const { return fmt::format("process {} on {}", process, host); }

}  // namespace groklab
