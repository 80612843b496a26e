// What a client sends to the server of reports, as it comes and in part.
#include "app/http_request.h"
#include "fuzz/try_input.h"

namespace groklab {
namespace {

using Asked = std::optional<std::variant<HttpRequest, HttpAnswer>>;

bool is_same(const Asked& a, const Asked& b) {
  if (!a || !b || a->index() != b->index()) return false;
  if (const auto* answer = std::get_if<HttpAnswer>(&*a)) {
    return answer->status == std::get<HttpAnswer>(*b).status;
  }
  const auto &first = std::get<HttpRequest>(*a), &second = std::get<HttpRequest>(*b);
  return first.method == second.method && first.target == second.target &&
         first.host == second.host;
}

void read_bytes(std::string_view input) {
  const auto whole = read_request(input);
  test::require("a request has an end",
                [&] { return whole || input.size() <= HttpRequest::kMaxBytes; });
  for (const auto size :
       {input.size() / 2, input.size() - std::min<std::size_t>(input.size(), 1)}) {
    const auto part = read_request(input.substr(0, size));
    test::require("what follows a request changes nothing",
                  [&] { return !part || is_same(part, whole); });
  }
}

}  // namespace
}  // namespace groklab

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  return groklab::test::try_input(bytes, size, groklab::read_bytes);
}
