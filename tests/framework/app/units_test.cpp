#include "app/units.h"

#include <gtest/gtest.h>

namespace groklab {
namespace {

TEST(Units, OfBytesAreBinaryWithThreeDigits) {
  EXPECT_EQ(bytes_text(512), "512 B");
  EXPECT_EQ(bytes_text(1023), "1.00 KiB");
  EXPECT_EQ(bytes_text(1.5 * 1024 * 1024), "1.50 MiB");
  EXPECT_EQ(bytes_text(22.94 * 1024 * 1024 * 1024), "22.9 GiB");
}

TEST(Units, OfTimeAreTwoAtMost) {
  EXPECT_EQ(duration_text(0.44), "0.4 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(61), "1 min 1 s");
  EXPECT_EQ(duration_text(3599), "1 h 0 min");
  EXPECT_EQ(duration_text(12000), "3 h 20 min");
  EXPECT_EQ(duration_text(86400 + 7 * 3600), "1 d 7 h");
}

TEST(Units, CountsAreWholeUntilTheyAreLarge) {
  EXPECT_EQ(count_text(960), "960");
  EXPECT_EQ(count_text(1.2749e15), "1.27e+15");
}

}  // namespace
}  // namespace groklab
