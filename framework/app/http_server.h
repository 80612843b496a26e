#pragma once

#include "app/http_request.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace groklab {

// A small HTTP server for programs on this machine. `read_request` decides what a client asks for
// from the first few KiB that it sends, `HttpServer` moves the bytes and keeps the limits, and a
// handler answers. Each answer ends its connection.

class HttpServer {
 public:
  static constexpr int kRequestSeconds = 5;  // in which a request has to arrive
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
