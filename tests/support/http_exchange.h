#pragma once

#include <string>
#include <string_view>

namespace groklab::test {

// A connection to a port of this machine, on which a test says whatever it likes.
class Connection {
 public:
  explicit Connection(int port);  // throws std::runtime_error if nobody listens
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  void send(std::string_view bytes);  // as far as the other side takes them
  std::string receive();              // until the other side ends it

 private:
  int socket_;
};

// An answer of a server, as it was received.
struct Answer {
  int status = 0;
  std::string headers, body;

  std::string header(std::string_view name) const;  // empty if there is none
};

Answer parse_answer(const std::string& received);

// Sends one request, of a first line and further headers that each end in "\r\n".
Answer ask(int port, std::string_view line, std::string_view headers = "Host: localhost\r\n");

// Holds a port of this machine.
class TakenPort {
 public:
  TakenPort();
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;
  ~TakenPort();

  int port() const { return port_; }

 private:
  int socket_, port_ = 0;
};

}  // namespace groklab::test
