#include "app/report_server.h"

#include "app/changed_since.h"
#include "app/http_server.h"
#include "base/exit_codes.h"
#include "base/files.h"
#include "base/signals.h"
#include "report/report.h"
#include "store/measured.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <groklab/error.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAddress = "127.0.0.1";

// The page as it was made last, and made anew when a file that it depends on has changed.
class LivePage {
 public:
  explicit LivePage(fs::path folder) : folder_(std::move(folder)) { refresh(); }

  struct Content {
    std::string version, data, html;
  };

  std::shared_ptr<const Content> content() {
    refresh();
    return content_;
  }

 private:
  void refresh() {
    const auto now = signature();
    if (now == signature_) return;
    const auto study = read_study(folder_);
    auto page =
        make_page(study, draw_figures(study, figures_of(study)), changed_since(builds_of(study)));
    page.is_live = true;
    content_ = std::make_shared<const Content>(Content{now, page_data(page), to_html(page)});
    signature_ = now;
  }

  // Sizes and times of the files that say how far the runs are.
  std::string signature() const {
    const auto runs = read_run_set(folder_);
    std::string text = mark_of(SweepFolder{folder_}.plan());
    for (std::size_t cell = 0; cell < runs.plan.cells.size(); ++cell) {
      const auto folder = runs.folder_of(cell);
      for (const auto* file : {"run.json", "metrics.jsonl", "checkpoint.safetensors"}) {
        text += mark_of(folder / file);
      }
    }
    for (const auto cell : cells_at_work(runs)) text += fmt::format("{},", cell);
    return sha256(text).substr(0, 16);
  }

  static std::string mark_of(const fs::path& file) {
    std::error_code absent;
    const auto size = fs::file_size(file, absent);
    const auto time = fs::last_write_time(file, absent);
    return absent ? "-;" : fmt::format("{} {};", size, time.time_since_epoch().count());
  }

  fs::path folder_;
  std::string signature_;
  std::shared_ptr<const Content> content_;
};

// 128 bits that another user of this machine cannot know.
std::string random_token() {
  std::array<unsigned char, 16> bytes{};
  if (::getentropy(bytes.data(), bytes.size()) != 0) {
    throw Error(fmt::format("the system gives no random numbers: {}", std::strerror(errno)));
  }
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

// In a time that does not depend on where they differ.
bool are_equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

bool is_of_this_machine(const std::string& host) {
  const auto name = host.substr(0, host.rfind(':'));
  return name == kAddress || name == "localhost";
}

// What is at /TOKEN/.
class ReportSite {
 public:
  ReportSite(LivePage& page, const std::string& token)
      : page_(page), root_(fmt::format("/{}", token)) {}

  HttpAnswer answer(const HttpRequest& request) {
    if (!is_of_this_machine(request.host)) {
      return text_answer(403, "this report is for this machine alone\n");
    }
    const std::string_view target = request.target;
    if (!are_equal(target.substr(0, root_.size()), root_)) {
      return text_answer(403, "open the whole address that groklab report printed\n");
    }
    const auto place = target.substr(root_.size());
    if (place.empty()) return {308, nullptr, "", {{"Location", root_ + "/"}}};
    if (place == "/") return html();
    constexpr std::string_view kData = "/data?since=";
    if (place.starts_with(kData)) return data(place.substr(kData.size()));
    return text_answer(404, "there is nothing at this address\n");
  }

 private:
  HttpAnswer html() {
    const auto content = page_.content();
    return {200, {content, &content->html}, "text/html; charset=utf-8"};
  }

  HttpAnswer data(std::string_view known_version) {
    const auto content = page_.content();
    HttpAnswer answer{204, nullptr, "application/json", {{"ETag", content->version}}};
    if (known_version == content->version) return answer;
    answer.status = 200;
    answer.body = {content, &content->data};
    return answer;
  }

  LivePage& page_;
  std::string root_;
};

}  // namespace

int serve_report(const fs::path& folder, std::uint16_t port) {
  LivePage page(folder);
  const auto token = random_token();
  ReportSite site(page, token);
  const StopSignals signals;
  HttpServer server(port, [&](const HttpRequest& request) { return site.answer(request); });
  fmt::print("http://{}:{}/{}/ shows {}, until Ctrl-C\n", kAddress, server.port(), token,
             folder.string());
  if (std::fflush(stdout) != 0) throw Error("standard output cannot be written");
  server.serve(&StopSignals::stop_requested);
  return kDone;
}

}  // namespace groklab
