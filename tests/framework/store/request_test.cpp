#include "store/request.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

using testing::ThrowsMessage;

TEST(Requests, KeepTheTypesOfTheirOptionsAsJson) {
  const std::vector<Request> requests{{"curve", {}},
                                      {"embedding_map",
                                       {{"rows", std::string("output")},
                                        {"perplexity", 30.0},
                                        {"step", std::int64_t{8}},
                                        {"labels", true}}}};
  const auto json = parse_json(to_json(requests).dump());
  EXPECT_EQ(requests_from_json(JsonField(json)), requests) << json;
}

TEST(Requests, RefuseWhatHasNoKind) {
  for (const auto& [text, problem] :
       {std::pair{R"([{"rows": "output"}])", "0.kind is missing"},
        {R"([{"kind": "curve", "rows": null}])", "0.rows: expected text, found null"},
        {R"([[]])", "0: expected an object, found an empty list"},
        {R"({"kind": "curve"})", "expected a list, found an object"}}) {
    const auto json = parse_json(text);
    EXPECT_THAT([&] { requests_from_json(JsonField(json)); }, ThrowsMessage<Error>(problem));
  }
}

}  // namespace
}  // namespace groklab
