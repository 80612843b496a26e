#include "support/http_exchange.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace groklab::test {
namespace {

sockaddr_in address_of(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

}  // namespace

Connection::Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const auto address = address_of(port);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return;
  ::close(socket_);
  throw std::runtime_error("nobody listens");
}

Connection::~Connection() { ::close(socket_); }

void Connection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Connection::receive() {
  std::string received;
  std::array<char, 65536> part;
  for (;;) {
    const auto count = ::recv(socket_, part.data(), part.size(), 0);
    if (count <= 0) return received;
    received.append(part.data(), static_cast<std::size_t>(count));
  }
}

std::string Answer::header(std::string_view name) const {
  const auto start = headers.find("\r\n" + std::string(name) + ": ");
  if (start == std::string::npos) return "";
  const auto value = start + name.size() + 4;
  return headers.substr(value, headers.find("\r\n", value) - value);
}

Answer parse_answer(const std::string& received) {
  const auto end = received.find("\r\n\r\n");
  if (!received.starts_with("HTTP/1.1 ") || end == std::string::npos) return {};
  return {std::stoi(received.substr(9, 3)), received.substr(0, end + 2), received.substr(end + 4)};
}

Answer ask(int port, std::string_view line, std::string_view headers) {
  Connection connection(port);
  connection.send(std::string(line) + "\r\n" + std::string(headers) + "\r\n");
  return parse_answer(connection.receive());
}

TakenPort::TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  auto address = address_of(0);
  socklen_t size = sizeof address;
  auto* place = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket_, place, size) != 0 || ::listen(socket_, 1) != 0 ||
      ::getsockname(socket_, place, &size) != 0) {
    throw std::runtime_error("no port");
  }
  port_ = ntohs(address.sin_port);
}

TakenPort::~TakenPort() { ::close(socket_); }

}  // namespace groklab::test
