#include "report/kinds.h"
#include "support/element_study.h"

#include <gmock/gmock.h>
#include <groklab/error.h>

namespace groklab {
namespace {

using test::residues_on_a_circle;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;
using Options = std::map<std::string, Value>;

Figure spectrum_of(const Analysis& analysis, const Options& options = {}) {
  test::SmallStudy study;
  test::write_analysis(study.add_cell({{"seed", "0"}}, test::grokking(10, 100)), analysis);
  return draw_figure(study.read(), {"fourier_spectrum", options});
}

// Elements that differ by 8 are neighbours mod 13, and 8 · 5 = 40 = 1: frequency 5.
TEST(FourierSpectrum, HasABarAtTheFrequencyOfACircle) {
  const auto figure = spectrum_of(residues_on_a_circle(13, 8, false));
  ASSERT_THAT(figure.panels, SizeIs(2));
  const auto& embedding = figure.panels[0].series.at(0);
  const auto& output = figure.panels[1].series.at(0);
  EXPECT_EQ(output.mark, SeriesMark::bars);
  ASSERT_THAT(output.y, SizeIs(6));
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(output.x[i], static_cast<double>(i + 1));
    EXPECT_NEAR(output.y[i], i + 1 == 5 ? 1 : 0, 1e-12);
    EXPECT_NEAR(embedding.y[i], i + 1 == 1 ? 1 : 0, 1e-12);
  }
  EXPECT_THAT(figure.caption, HasSubstr("in the order of their numbers"));
  EXPECT_THAT(figure.caption, HasSubstr("Output rows: the strongest frequencies 5 (100.0 %)"));
  EXPECT_THAT(figure.caption, HasSubstr("Gini of the amplitudes 0.833"));  // 1 − 1/6
}

TEST(FourierSpectrum, OfAProductGoesByDiscreteLogarithms) {
  const auto analysis = residues_on_a_circle(11, 1, true);
  EXPECT_THAT(spectrum_of(analysis).panels[0].series[0].y, SizeIs(5));  // of 10 residues
  EXPECT_THAT(spectrum_of(analysis).caption, HasSubstr("discrete logarithms to the base 2"));
  EXPECT_THAT(spectrum_of(analysis, {{"order", std::string("index")}}).caption,
              HasSubstr("in the order of their numbers"));
  EXPECT_THAT(
      [] {
        spectrum_of(residues_on_a_circle(12, 1, true),
                    {{"order", std::string("discrete_logarithm")}});
      },
      ThrowsMessage<Error>(HasSubstr("prime number of elements above 2, not 12")));
}

TEST(FourierSpectrum, ShowsTheRowsThatAreAskedFor) {
  const auto figure =
      spectrum_of(residues_on_a_circle(13, 8, false), {{"rows", std::string("embedding")}});
  ASSERT_THAT(figure.panels, SizeIs(1));
  EXPECT_NEAR(figure.panels[0].series[0].y[0], 1, 1e-12);
}

TEST(FourierSpectrum, IsNaturalForResiduesAndNotForPermutations) {
  const auto natural = [](const Analysis& analysis) {
    test::SmallStudy study;
    test::write_analysis(study.add_cell({{"seed", "0"}}, test::grokking(10, 100)), analysis);
    return fourier_spectrum_kind().natural_requests(study.read());
  };
  EXPECT_THAT(natural(residues_on_a_circle(13, 8, false)), SizeIs(1));
  EXPECT_THAT(natural(test::permutations_by_first_image()), IsEmpty());
}

}  // namespace
}  // namespace groklab
