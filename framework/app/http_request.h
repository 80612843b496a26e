#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace groklab {

// What a client of the HTTP server asks, and what it is answered. A request has no body, and its
// ranges are ignored, as RFC 9110, 14.2 allows.

struct HttpRequest {
  static constexpr std::size_t kMaxBytes = 8192;

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

// "Not Found" for 404.
std::string reason_of(int status);

// Returns the request that these bytes begin with, or the answer that refuses it; nullopt: its
// headers have not ended yet.
std::optional<std::variant<HttpRequest, HttpAnswer>> read_request(std::string_view received);

}  // namespace groklab
