#include "store/request.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

TEST(Requests, KeepTheTypesOfTheirOptionsAsJson) {
  const std::vector<Request> requests{{"curve", {}},
                                      {"embedding_map",
                                       {{"rows", std::string("output")},
                                        {"perplexity", 30.0},
                                        {"step", std::int64_t{8}},
                                        {"labels", true}}}};
  const auto text = to_json(requests).dump();
  EXPECT_EQ(requests_from_json(nlohmann::ordered_json::parse(text)), requests) << text;
}

TEST(Requests, RefuseWhatHasNoKind) {
  EXPECT_THROW(requests_from_json(nlohmann::ordered_json::parse(R"([{"rows": "output"}])")),
               nlohmann::json::exception);
}

}  // namespace
}  // namespace groklab
