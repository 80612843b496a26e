#include "app/http_server.h"

#include <fmt/format.h>
#include <groklab/error.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <list>

namespace groklab {
namespace {

namespace net = boost::asio;
using net::ip::tcp;
using Stream = boost::beast::tcp_stream;

constexpr auto kSlice = std::chrono::milliseconds(100);  // in which a signal is noticed
constexpr std::size_t kPiece = 1 << 16;                  // bytes of an answer

// The status line and the headers.
std::string head_of(const HttpAnswer& answer) {
  auto head = fmt::format(
      "HTTP/1.1 {} {}\r\nConnection: close\r\nCache-Control: no-store\r\nAccept-Ranges: none\r\n"
      "Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n",
      answer.status, reason_of(answer.status));
  for (const auto& [name, value] : answer.headers) head += fmt::format("{}: {}\r\n", name, value);
  if (answer.body) {
    head +=
        fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", answer.type, answer.body->size());
  }
  return head + "\r\n";
}

tcp::acceptor listen(net::io_context& context, std::uint16_t port) {
  try {
    // Sets SO_REUSEADDR, which does not take a port that another program listens at.
    return {context, {net::ip::address_v4::loopback(), port}};
  } catch (const boost::system::system_error& error) {
    throw Error(fmt::format("cannot serve at port {}: {}; leave --port out for a free one", port,
                            error.code().message()));
  }
}

net::awaitable<HttpAnswer> answer_of(const HttpServer::Handler& handler, HttpRequest request) {
  try {
    co_return handler(request);
  } catch (const std::exception& error) {
    co_return text_answer(500, std::string(error.what()) + "\n");
  }
}

// A client that takes a piece in time may take as many as there are.
net::awaitable<void> send(Stream& stream, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto piece = bytes.substr(0, kPiece);
    stream.expires_after(std::chrono::seconds(HttpServer::kPieceSeconds));
    co_await net::async_write(stream, net::buffer(piece), net::use_awaitable);
    bytes.remove_prefix(piece.size());
  }
}

}  // namespace

// Coroutines of one thread move the bytes; the handler runs in another one, so that no client waits
// for it but the one that asked.
class HttpServer::Loop {
 public:
  Loop(std::uint16_t port, Handler handler)
      : acceptor_(listen(context_, port)), handler_(std::move(handler)) {}

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  void serve(const std::function<bool()>& stop_requested) {
    net::co_spawn(context_, accept(), net::detached);
    net::co_spawn(context_, stop_when(stop_requested), net::detached);
    context_.run();
    handlers_.join();
  }

 private:
  net::awaitable<void> accept() {
    net::steady_timer timer(context_);
    for (;;) {
      boost::system::error_code error;
      auto socket = co_await acceptor_.async_accept(net::redirect_error(net::use_awaitable, error));
      if (error) {  // no more files can be opened, until one is closed
        timer.expires_after(kSlice);
        co_await timer.async_wait(net::use_awaitable);
        continue;
      }
      if (waiting_.size() == kMaxWaiting) {
        waiting_.front()->cancel();
        waiting_.pop_front();
      }
      net::co_spawn(context_, talk(std::move(socket)), net::detached);
    }
  }

  net::awaitable<void> stop_when(std::function<bool()> stop_requested) {
    net::steady_timer timer(context_);
    while (!stop_requested()) {
      timer.expires_after(kSlice);
      co_await timer.async_wait(net::use_awaitable);
    }
    context_.stop();
  }

  net::awaitable<void> talk(tcp::socket socket) {
    Stream stream(std::move(socket));
    const auto entry = &stream;
    waiting_.push_back(entry);
    try {
      auto asked = co_await receive(stream);
      waiting_.remove(entry);
      co_await answer(stream, std::move(asked));
    } catch (const boost::system::system_error&) {  // the client is gone, or too slow
      waiting_.remove(entry);
    }
  }

  net::awaitable<std::variant<HttpRequest, HttpAnswer>> receive(Stream& stream) {
    std::string received;
    std::array<char, 2048> part;
    stream.expires_after(std::chrono::seconds(kRequestSeconds));
    for (;;) {
      const auto count = co_await stream.async_read_some(net::buffer(part), net::use_awaitable);
      received.append(part.data(), count);
      if (auto asked = read_request(received)) co_return std::move(*asked);
    }
  }

  net::awaitable<void> answer(Stream& stream, std::variant<HttpRequest, HttpAnswer> asked) {
    stream.expires_never();
    bool sends_body = true;
    auto* refused = std::get_if<HttpAnswer>(&asked);
    HttpAnswer answer;
    if (refused != nullptr) {
      answer = std::move(*refused);
    } else {
      auto request = std::get<HttpRequest>(std::move(asked));
      sends_body = request.method != "HEAD";
      answer = co_await net::co_spawn(handlers_, answer_of(handler_, std::move(request)),
                                      net::use_awaitable);
    }
    const auto head = head_of(answer);
    co_await send(stream, head);
    if (sends_body && answer.body) co_await send(stream, *answer.body);
    boost::system::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  net::io_context context_{1};
  tcp::acceptor acceptor_;
  Handler handler_;
  std::list<Stream*> waiting_;  // for their requests, the longest first
  net::thread_pool handlers_{1};
};

HttpServer::HttpServer(std::uint16_t port, Handler handler)
    : loop_(std::make_unique<Loop>(port, std::move(handler))) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return loop_->port(); }

void HttpServer::serve(const std::function<bool()>& stop_requested) {
  loop_->serve(stop_requested);
}

}  // namespace groklab
