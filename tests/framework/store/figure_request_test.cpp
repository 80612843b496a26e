#include "store/figure_request.h"

#include <gmock/gmock.h>

namespace groklab {
namespace {

TEST(FigureRequests, KeepTheTypesOfTheirOptionsAsJson) {
  const std::vector<FigureRequest> requests{{"curve", {}},
                                            {"embedding_map",
                                             {{"rows", std::string("output")},
                                              {"perplexity", 30.0},
                                              {"step", std::int64_t{8}},
                                              {"labels", true}}}};
  const auto text = to_json(requests).dump();
  EXPECT_EQ(figures_from_json(nlohmann::ordered_json::parse(text)), requests) << text;
}

TEST(FigureRequests, RefuseWhatHasNoKind) {
  EXPECT_THROW(figures_from_json(nlohmann::ordered_json::parse(R"([{"rows": "output"}])")),
               nlohmann::json::exception);
}

}  // namespace
}  // namespace groklab
