#include "plugins/operations/tables.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <random>

namespace groklab {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

std::unique_ptr<Operation> polynomial(const std::string& expression, std::int64_t modulus = 97) {
  return test::operation("polynomial", {{"modulus", modulus}, {"expression", expression}});
}

// What the plugin says of a text that is no polynomial, after its name and the text.
void expect_refused(const std::string& text, const std::string& message) {
  EXPECT_THAT([&] { polynomial(text); },
              ThrowsMessage<Error>(
                  fmt::format("operation polynomial: expression '{}': {}", text, message)));
}

TEST(Polynomial, BindsPowersBeforeSignsBeforeProductsBeforeSums) {
  const auto value = [](const char* text) { return polynomial(text)->apply(3, 5); };
  EXPECT_EQ(value("x + 2*y"), 13);
  EXPECT_EQ(value("(x + 2)*y"), 25);
  EXPECT_EQ(value("2*x^3"), 54);
  EXPECT_EQ(value("-x^2"), 88);
  EXPECT_EQ(value("(-x)^2"), 9);
  EXPECT_EQ(value("y - x - 1"), 1);
  EXPECT_EQ(value("y - (x - 1)"), 3);
  EXPECT_EQ(value("x*-y"), 82);
  EXPECT_EQ(value("--x"), 3);
  EXPECT_EQ(value("(x^2)^3"), 729 % 97);
  EXPECT_EQ(value("  \tx*y "), 15);
  EXPECT_EQ(value("100"), 3);
  EXPECT_EQ(polynomial("x^0")->apply(0, 0), 1);
  EXPECT_EQ(polynomial("x*y + 1", 2)->apply(1, 1), 0);
  EXPECT_EQ(polynomial("x^3 + 2*x*y")->formula(), "x^3 + 2*x*y (mod p)");
}

// Fermat: x^96 is 1 modulo 97 for x ≠ 0. The largest numbers and moduli overflow nowhere.
TEST(Polynomial, TakesLargeExponentsNumbersAndModuli) {
  for (int x = 1; x < 97; ++x) EXPECT_EQ(polynomial("x^960000")->apply(x, 0), 1);
  EXPECT_EQ(polynomial("1000000000000000*x", 10000)->apply(9999, 0), 0);
  EXPECT_EQ(polynomial("999999999999999*x", 10000)->apply(9999, 0), 1);
  EXPECT_EQ(polynomial("x*y*x*y", 10000)->apply(9999, 9998), 4);
}

TEST(Polynomial, SaysWhereATextIsWrongWhatWasFoundAndWhatIsAllowed) {
  const std::string operand = "expected x, y, an integer, - or (, found ";
  const std::string after = "expected an operator (+ - * ^; products are written with *) or ";
  expect_refused("", "position 1: " + operand + "the end");
  expect_refused("x + ", "position 5: " + operand + "the end");
  expect_refused("x ** 2", "position 4: " + operand + "'*'");
  expect_refused("x + z", "position 5: " + operand + "'z'");
  expect_refused("+x", "position 1: " + operand + "'+'");
  expect_refused("x^3 + 2x", "position 8: " + after + "the end, found 'x'");
  expect_refused("x / y", "position 3: " + after + "the end, found '/'");
  expect_refused("x)", "position 2: " + after + "the end, found ')'");
  expect_refused("(x + y", "position 7: " + after + "), found the end");
  expect_refused("(x y)", "position 4: " + after + "), found 'y'");
  expect_refused("x² − y", "position 2: " + after + "the end, found '²'");
  expect_refused("x^2 − y",
                 "position 5: expected an operator (+ - *; a power of a power needs "
                 "parentheses) or the end, found '−'");
  expect_refused("x^y", "position 3: expected an integer as exponent, found 'y'");
  expect_refused("x^-1", "position 3: expected an integer as exponent, found '-'");
  expect_refused("x^2^3",
                 "position 4: expected an operator (+ - *; a power of a power needs "
                 "parentheses) or the end, found '^'");
}

TEST(Polynomial, HasLimits) {
  EXPECT_EQ(polynomial("x^1000000")->size(), 97);
  expect_refused("x^1000001", "position 3: expected an exponent of at most 1000000, found 1000001");
  const std::string digits(400, '9');
  expect_refused("y + " + digits,
                 "position 5: expected an integer of at most 1000000000000000, found " + digits);
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "x" + std::string(depth, ')');
  };
  EXPECT_EQ(polynomial(nested(100))->apply(5, 0), 5);
  expect_refused(nested(101), "position 101: parentheses and signs are nested more than 100 deep");
  expect_refused(std::string(500, '-') + "x",
                 "position 101: parentheses and signs are nested more than 100 deep");
  EXPECT_EQ(polynomial(fmt::format("x{:999}", ""))->apply(5, 0), 5);
  EXPECT_THAT([] { polynomial(fmt::format("x{:1000}", "")); },
              ThrowsMessage<Error>(HasSubstr("has at most 1000 characters, this one 1001")));
}

// Polynomials made at random, each with its value computed while it is made.
class RandomPolynomial {
 public:
  RandomPolynomial(std::mt19937& random, std::int64_t x, std::int64_t y, std::int64_t modulus)
      : random_(random), x_(x), y_(y), modulus_(modulus) {}

  struct Made {
    std::string text;
    std::int64_t value;
  };

  Made sum(int depth) {
    auto made = product(depth);
    for (int more = pick(3); more > 0; --more) {
      const auto next = product(depth);
      const bool plus = pick(2) == 0;
      made = {made.text + space() + (plus ? "+" : "-") + space() + next.text,
              residue(plus ? made.value + next.value : made.value - next.value)};
    }
    return made;
  }

 private:
  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  std::string space() { return std::string(static_cast<std::size_t>(pick(2)), ' '); }
  std::int64_t residue(std::int64_t number) const {
    return ((number % modulus_) + modulus_) % modulus_;
  }

  Made product(int depth) {
    auto made = power(depth);
    for (int more = pick(3); more > 0; --more) {
      const auto next = power(depth);
      made = {made.text + space() + "*" + space() + next.text, residue(made.value * next.value)};
    }
    if (pick(4) == 0) made = {"-" + made.text, residue(-made.value)};
    return made;
  }

  Made power(int depth) {
    auto base = atom(depth);
    if (pick(3) > 0) return base;
    const int exponent = pick(6);
    std::int64_t value = residue(1);
    for (int i = 0; i < exponent; ++i) value = residue(value * base.value);
    return {base.text + space() + "^" + space() + std::to_string(exponent), value};
  }

  Made atom(int depth) {
    const int which = pick(depth > 0 ? 4 : 3);
    if (which == 0) return {"x", residue(x_)};
    if (which == 1) return {"y", residue(y_)};
    const int number = pick(1000);
    if (which == 2) return {std::to_string(number), residue(number)};
    const auto inside = sum(depth - 1);
    return {"(" + inside.text + ")", inside.value};
  }

  std::mt19937& random_;
  std::int64_t x_, y_, modulus_;
};

TEST(Polynomial, GivesTheValueOfPolynomialsMadeAtRandom) {
  std::mt19937 random(1);
  int tried = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::int64_t modulus = 2 + static_cast<std::int64_t>(random() % 9999);
    const auto x = static_cast<std::int64_t>(random()) % modulus;
    const auto y = static_cast<std::int64_t>(random()) % modulus;
    const auto [text, value] = RandomPolynomial(random, x, y, modulus).sum(3);
    if (text.size() > 1000) continue;
    ASSERT_EQ(polynomial(text, modulus)->apply(x, y), value)
        << text << " at " << x << ", " << y << " mod " << modulus;
    ++tried;
  }
  EXPECT_GT(tried, 4000);
}

// What is no polynomial is refused as such, and nothing crashes or hangs.
TEST(Polynomial, SurvivesTextsMadeAtRandom) {
  std::mt19937 random(2);
  const std::string alphabet = "xy0123456789+-*^() \t\nz/.²−\xFF";
  int accepted = 0, refused = 0;
  for (int i = 0; i < 30000; ++i) {
    const auto letters = i % 2 == 0 ? std::size_t{20} : alphabet.size();
    std::string text(random() % (i % 100 == 0 ? 1200 : 12), ' ');
    for (auto& letter : text) letter = alphabet[random() % letters];
    if (i % 7 == 0 && !text.empty()) text[random() % text.size()] = static_cast<char>(random());
    try {
      const auto z = polynomial(text, 7)->apply(3, 5);
      ASSERT_TRUE(z >= 0 && z < 7) << text;
      ++accepted;
    } catch (const Error& error) {
      ASSERT_THAT(error.what(), HasSubstr("expression")) << text;
      ++refused;
    }
  }
  EXPECT_GT(accepted, 500);
  EXPECT_GT(refused, 5000);
}

}  // namespace
}  // namespace groklab
