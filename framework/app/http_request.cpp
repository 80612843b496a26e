#include "app/http_request.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>

namespace groklab {
namespace {

namespace http = boost::beast::http;

HttpAnswer refusal_of(const boost::system::error_code& error) {
  const int status = error == http::error::header_limit ? 431
                     : error == http::error::body_limit ? 413
                                                        : 400;
  return text_answer(status, reason_of(status) + "\n");
}

}  // namespace

HttpAnswer text_answer(int status, std::string text) {
  return {status, std::make_shared<const std::string>(std::move(text))};
}

std::string reason_of(int status) {
  return std::string(http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status))));
}

std::optional<std::variant<HttpRequest, HttpAnswer>> read_request(std::string_view received) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(HttpRequest::kMaxBytes);
  parser.body_limit(0);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(received), error);
  if (error == http::error::need_more) return std::nullopt;
  if (error) return refusal_of(error);
  const auto& request = parser.get();
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    auto refusal = text_answer(405, "GET and HEAD are answered\n");
    refusal.headers.emplace_back("Allow", "GET, HEAD");
    return refusal;
  }
  if (parser.chunked()) return refusal_of(http::error::body_limit);
  return HttpRequest{std::string(request.method_string()), std::string(request.target()),
                     std::string(request[http::field::host])};
}

}  // namespace groklab
