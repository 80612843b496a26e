#include "app/report_server.h"

#include "base/exit_codes.h"
#include "base/files.h"
#include "base/signals.h"
#include "report/report.h"
#include "store/measured.h"

#include <fmt/format.h>
#include <groklab/error.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>

namespace groklab {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAddress = "127.0.0.1";
constexpr auto kSlice = std::chrono::milliseconds(100);  // in which a signal is noticed

// The page as it was made last, and made anew when a file that it depends on has changed.
class LivePage {
 public:
  explicit LivePage(fs::path folder) : folder_(std::move(folder)) { refresh(); }

  struct Content {
    std::string version, data, html;
  };

  std::shared_ptr<const Content> content() {
    const std::lock_guard lock(mutex_);
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
  std::mutex mutex_;
  std::string signature_;
  std::shared_ptr<const Content> content_;
};

bool is_for_this_machine(const httplib::Request& request) {
  const auto host = request.get_header_value("Host");
  const auto name = host.substr(0, host.rfind(':'));
  return name == kAddress || name == "localhost";
}

// Answers with a text, piece by piece: whole, httplib would compress it for seconds.
void send(httplib::Response& response, std::shared_ptr<const LivePage::Content> content,
          std::string LivePage::Content::*part, const char* type) {
  const auto size = ((*content).*part).size();
  response.set_content_provider(
      size, type, [content, part](std::size_t offset, std::size_t length, auto& sink) {
        return sink.write(((*content).*part).data() + offset, length);
      });
}

void add_pages(httplib::Server& server, LivePage& page) {
  server.set_pre_routing_handler([](const auto& request, auto& response) {
    if (is_for_this_machine(request)) return httplib::Server::HandlerResponse::Unhandled;
    response.status = 403;
    response.set_content("this report is for this machine alone\n", "text/plain");
    return httplib::Server::HandlerResponse::Handled;
  });
  server.Get("/", [&](const auto&, auto& response) {
    send(response, page.content(), &LivePage::Content::html, "text/html; charset=utf-8");
  });
  server.Get("/data", [&](const auto& request, auto& response) {
    const auto content = page.content();
    response.set_header("Cache-Control", "no-store");
    response.set_header("ETag", content->version);
    if (request.get_param_value("since") == content->version) {
      response.status = 204;
    } else {
      send(response, content, &LivePage::Content::data, "application/json");
    }
  });
  server.set_exception_handler([](const auto&, auto& response, const std::exception_ptr& thrown) {
    response.status = 500;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
      response.set_content(error.what(), "text/plain; charset=utf-8");
    }
  });
}

// A port that another program serves is refused: httplib by itself would share it, and connections
// would go to either.
int bound_port(httplib::Server& server, std::uint16_t port) {
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  const int bound = port == 0                             ? server.bind_to_any_port(kAddress)
                    : server.bind_to_port(kAddress, port) ? port
                                                          : -1;
  if (bound < 0) {
    throw Error(
        fmt::format("cannot serve at port {}: it is taken, or not for this user; leave "
                    "--port out for a free one",
                    port));
  }
  return bound;
}

}  // namespace

int serve_report(const fs::path& folder, std::uint16_t port) {
  LivePage page(folder);
  httplib::Server server;
  add_pages(server, page);
  const StopSignals signals;
  const auto bound = bound_port(server, port);
  fmt::print("http://{}:{}/ shows {}, until Ctrl-C\n", kAddress, bound, folder.string());
  if (std::fflush(stdout) != 0) throw Error("standard output cannot be written");
  std::atomic<bool> is_over = false;
  std::thread stopper([&] {
    while (!is_over) {
      if (StopSignals::stop_requested()) server.stop();  // once more, if it had not begun yet
      std::this_thread::sleep_for(kSlice);
    }
  });
  server.listen_after_bind();
  is_over = true;
  stopper.join();
  return kDone;
}

}  // namespace groklab
