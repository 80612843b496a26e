#include "app/summary_table.h"

#include <gtest/gtest.h>

namespace groklab {
namespace {

TEST(SummaryTable, ColumnsAreAsWideAsTheirWidestCellInCharacters) {
  EXPECT_EQ(columns_text({{"name", "n"}, {"∘", "10"}, {"a", ""}}),
            "  name   n\n"
            "  ∘     10\n"
            "  a\n");
  EXPECT_EQ(columns_text({{"a", "b"}, {"10", "20"}}, 2), "  a   b\n  10  20\n");
  EXPECT_EQ(columns_text({}), "");
}

}  // namespace
}  // namespace groklab
