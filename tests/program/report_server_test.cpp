// groklab report --watch: to whom it shows the page, and what a client can make it do.
#include "base/files.h"
#include "support/background_program.h"
#include "support/http_exchange.h"
#include "support/program_run.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

namespace groklab {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using namespace std::chrono_literals;

constexpr const char* kSpec = R"(
experiment: served
operation: {name: add, modulus: 7}
model: {name: mlp, width: 4, hidden: 4}
loss: cross_entropy
optimizer: adamw
training: {steps: 10}
)";

class ReportServer : public testing::Test {
 protected:
  void SetUp() override {
    const auto spec = folder_.write("spec.yaml", kSpec);
    const auto run = test::run_groklab({"run", spec, "--out", run_folder()});
    ASSERT_EQ(run.exit_code, 0) << run.output;
    const auto output = folder_.path() / "output";
    program_.emplace(std::vector<std::string>{"report", run_folder(), "--watch"}, test::program(),
                     output);
    ASSERT_TRUE(program_->wait_until(
        [&] { return fs::exists(output) && read_file(output).ends_with("until Ctrl-C\n"); }));
    announced_ = read_file(output);
    const auto colon = announced_.find(':', sizeof "http:");
    port_ = std::stoi(announced_.substr(colon + 1));
    const auto slash = announced_.find('/', colon);
    root_ = announced_.substr(slash, announced_.find(' ', slash) - slash);
  }

  std::string run_folder() const { return (folder_.path() / "run").string(); }

  // A GET of `place`, below the token.
  test::Answer get(const std::string& place, const std::string& headers = "") const {
    return test::ask(port_, "GET " + root_ + place + " HTTP/1.1", "Host: localhost\r\n" + headers);
  }

  test::TemporaryFolder folder_;
  std::optional<test::BackgroundProgram> program_;
  std::string announced_, root_;  // "/TOKEN/"
  int port_ = 0;
};

TEST_F(ReportServer, ShowsThePageAndTellsWhatIsNewUntilItIsStopped) {
  EXPECT_THAT(announced_, MatchesRegex("http://127.0.0.1:[0-9]+/[0-9a-f]+/ shows .*\n"));
  const auto page = get("");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("served"));
  EXPECT_EQ(page.header("Content-Length"), std::to_string(page.body.size()));

  const auto data = get("data?since=none");
  EXPECT_EQ(data.status, 200);
  const auto json = nlohmann::json::parse(data.body);
  EXPECT_EQ(json["rows"].size(), 1U);
  EXPECT_TRUE(json["is_live"]);
  const auto same = get("data?since=" + data.header("ETag"));
  EXPECT_EQ(same.status, 204);
  EXPECT_EQ(same.body, "");

  const auto head = test::ask(port_, "HEAD " + root_ + " HTTP/1.1");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), page.header("Content-Length"));
  EXPECT_EQ(head.body, "");

  program_->send(SIGINT);
  EXPECT_EQ(program_->wait(), 0);
}

TEST_F(ReportServer, AnswersOnlyWhoKnowsTheAddressThatItPrinted) {
  EXPECT_EQ(root_.size(), 2 + 32U);
  auto wrong = root_;
  wrong[10] = wrong[10] == '0' ? '1' : '0';
  for (const auto& place :
       {std::string("/"), std::string("/data?since=none"), wrong, wrong + "data?since=none",
        root_.substr(0, 20), std::string("/") + std::string(32, '0') + "/"}) {
    const auto answer = test::ask(port_, "GET " + place + " HTTP/1.1");
    EXPECT_EQ(answer.status, 403) << place;
    EXPECT_THAT(answer.body, AllOf(HasSubstr("the whole address"), Not(HasSubstr("served"))));
  }
  const auto foreign = test::ask(port_, "GET " + root_ + " HTTP/1.1", "Host: evil.example:80\r\n");
  EXPECT_EQ(foreign.status, 403);
  EXPECT_THAT(foreign.body, HasSubstr("this machine alone"));
  const auto without_slash = root_.substr(0, root_.size() - 1);
  EXPECT_EQ(test::ask(port_, "GET " + without_slash + " HTTP/1.1").header("Location"), root_);
  EXPECT_EQ(get("run.json").status, 404);
  EXPECT_EQ(get("data").status, 404);
}

TEST_F(ReportServer, SendsNoByteBeyondItsAnswerWhateverRangeIsAskedFor) {
  const auto whole = get("data?since=none").body;
  ASSERT_LT(whole.size(), 99'999U);
  for (const auto* range :
       {"bytes=0-99999", "bytes=5-", "bytes=-99999", "bytes=99999-199999", "bytes=0-1,99999-199999",
        "bytes=9-5", "lines=1-2", "bytes=0-99999999999999999999999"}) {
    const auto answer = get("data?since=none", std::string("Range: ") + range + "\r\n");
    EXPECT_EQ(answer.status, 200) << range;
    EXPECT_EQ(answer.body, whole) << range;
  }
}

TEST_F(ReportServer, ReadsNeitherBodiesNorEndlessHeaders) {
  const std::string mebibyte(1 << 20, 'x');
  const auto status_of = [&](const std::string& start, int mebibytes) {
    test::Connection connection(port_);
    connection.send(start);
    for (int i = 0; i < mebibytes; ++i) connection.send(mebibyte);
    return test::parse_answer(connection.receive()).status;
  };
  const auto get = "GET " + root_ + " HTTP/1.1\r\nHost: localhost\r\n";
  EXPECT_EQ(status_of("POST / HTTP/1.1\r\nContent-Length: 600000000\r\n\r\n", 600), 413);
  EXPECT_EQ(status_of(get + "Content-Length: 600000000\r\n\r\n", 600), 413);
  EXPECT_EQ(status_of(get + "Transfer-Encoding: chunked\r\n\r\n", 1), 413);
  EXPECT_EQ(status_of("DELETE " + root_ + " HTTP/1.1\r\n\r\n", 0), 405);
  EXPECT_EQ(status_of(get + "X: ", 100), 431);
  EXPECT_EQ(status_of("GET /", 100), 431);
  EXPECT_EQ(status_of("\x16\x03\x01\r\n\r\n", 0), 400);
  EXPECT_EQ(status_of(get + "\r\n", 0), 200);
  program_->send(SIGINT);
  program_->wait();
  EXPECT_LT(program_->peak_memory_kib(), 400 << 10);
}

TEST_F(ReportServer, LetsNobodyWaitForConnectionsThatAskForNothing) {
  std::vector<std::unique_ptr<test::Connection>> half_open;
  for (int i = 0; i < 300; ++i) {
    half_open.push_back(std::make_unique<test::Connection>(port_));
    half_open.back()->send("GET / HT");
  }
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(get("").status, 200);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
  half_open.back()->receive();  // which the server ends by itself
  EXPECT_LT(std::chrono::steady_clock::now() - start, 9s);
}

TEST_F(ReportServer, RefusesAPortThatSomeoneElseServes) {
  const test::TakenPort taken;
  const auto port = std::to_string(taken.port());
  const auto result = test::run_groklab({"report", run_folder(), "--watch", "--port", port});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("cannot serve at port " + port));
}

}  // namespace
}  // namespace groklab
