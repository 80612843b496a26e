#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace groklab {

// A small HTTP server for programs on this machine. `read_request` decides what a client asks for
// from the first few KiB that it sends, `HttpServer` moves the bytes and keeps the limits, and a
// handler answers. Each answer ends its connection. A request has no body, and its ranges are
// ignored, as RFC 9110, 14.2 allows.

struct HttpRequest {
  std::string method;  // GET or HEAD
  std::string target;  // "/path?query", as it was sent
  std::string host;    // the header Host; empty if there is none
};

struct HttpAnswer {
  int status = 200;
  std::shared_ptr<const std::string> body{};
  std::string type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers{};  // further ones
};

HttpAnswer text_answer(int status, std::string text);

// Returns the request that these bytes begin with, or the answer that refuses it; nullopt: its
// headers have not ended yet.
std::optional<std::variant<HttpRequest, HttpAnswer>> read_request(std::string_view received);

class HttpServer {
 public:
  static constexpr std::size_t kMaxHeader = 8192;  // bytes of a request, which has no body
  static constexpr int kRequestSeconds = 5;        // in which a request has to arrive
  static constexpr int kPieceSeconds = 30;  // in which a client has to take each piece of an answer
  static constexpr std::size_t kMaxWaiting = 256;  // connections without a request yet

  // Answers a request. Called by one thread. What it throws is the text of an answer 500.
  using Handler = std::function<HttpAnswer(const HttpRequest&)>;

  // Listens at a port of 127.0.0.1; 0: a free one. Throws Error if the port cannot be had.
  HttpServer(std::uint16_t port, Handler handler);
  ~HttpServer();

  std::uint16_t port() const;
  void serve(const std::function<bool()>& stop_requested);  // returns when a stop is asked for

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace groklab
