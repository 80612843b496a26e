#include "expression.h"

#include <groklab/error.h>

#include <algorithm>

namespace {

constexpr std::size_t kMaxLength = 1000;  // bytes
constexpr int kMaxDepth = 100;            // of parentheses and signs
constexpr std::int64_t kMaxNumber = 1'000'000'000'000'000;
constexpr std::int64_t kMaxExponent = 1'000'000;

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }
bool is_space(char letter) { return letter == ' ' || letter == '\t' || letter == '\n'; }
bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

std::int64_t power_of(std::int64_t base, std::int64_t exponent, std::int64_t modulus) {
  std::int64_t result = 1 % modulus;
  for (; exponent > 0; exponent /= 2) {
    if (exponent % 2 == 1) result = result * base % modulus;
    base = base * base % modulus;
  }
  return result;
}

}  // namespace

// By recursive descent, a function a rule of the grammar.
class ExpressionParser {
 public:
  ExpressionParser(const std::string& text, std::vector<Expression::Instruction>& instructions)
      : text_(text), instructions_(instructions) {}

  void parse() {
    if (text_.size() > kMaxLength) {
      throw groklab::Error("an expression has at most " + std::to_string(kMaxLength) +
                           " characters, this one " + std::to_string(text_.size()));
    }
    sum();
    if (at_ < text_.size()) refuse(after_operand_ + " or the end");
  }

 private:
  using Kind = Expression::Instruction::Kind;

  void sum() {
    term();
    while (next() == '+' || next() == '-') {
      const auto kind = text_[at_++] == '+' ? Kind::add : Kind::subtract;
      term();
      add(kind);
    }
  }

  void term() {
    factor();
    while (next() == '*') {
      ++at_;
      factor();
      add(Kind::multiply);
    }
  }

  void factor() {
    if (next() != '-') return power();
    enter();
    ++at_;
    factor();
    add(Kind::negate);
    --depth_;
  }

  void power() {
    atom();
    after_operand_ = "an operator (+ - * ^; products are written with *)";
    if (next() != '^') return;
    ++at_;
    if (!is_digit(next())) refuse("an integer as exponent");
    add(Kind::power, integer(kMaxExponent, "an exponent"));
    after_operand_ = "an operator (+ - *; a power of a power needs parentheses)";
  }

  void atom() {
    const char letter = next();
    if (is_digit(letter)) {
      add(Kind::number, integer(kMaxNumber, "an integer"));
    } else if (letter == 'x' || letter == 'y') {
      ++at_;
      add(letter == 'x' ? Kind::x : Kind::y);
    } else if (letter == '(') {
      enter();
      ++at_;
      sum();
      if (next() != ')') refuse(after_operand_ + " or )");
      ++at_;
      --depth_;
    } else {
      refuse("x, y, an integer, - or (");
    }
  }

  std::int64_t integer(std::int64_t limit, const std::string& what) {
    const auto start = at_;
    std::int64_t number = 0;
    while (at_ < text_.size() && is_digit(text_[at_])) {
      number = std::min(number * 10 + (text_[at_++] - '0'), limit + 1);
    }
    if (number <= limit) return number;
    fail(start, "expected " + what + " of at most " + std::to_string(limit) + ", found " +
                    text_.substr(start, at_ - start));
  }

  // The character after white space, or 0 at the end.
  char next() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  void enter() {
    if (++depth_ > kMaxDepth) {
      fail(at_,
           "parentheses and signs are nested more than " + std::to_string(kMaxDepth) + " deep");
    }
  }

  void add(Kind kind, std::int64_t number = 0) { instructions_.push_back({kind, number}); }

  [[noreturn]] void refuse(const std::string& expected) const {
    std::string found = "the end";
    if (at_ < text_.size()) {
      auto end = at_ + 1;
      while (end < text_.size() && continues_character(text_[end])) ++end;
      found = "'" + text_.substr(at_, end - at_) + "'";
    }
    fail(at_, "expected " + expected + ", found " + found);
  }

  [[noreturn]] void fail(std::size_t byte, const std::string& message) const {
    const auto begin = text_.begin();
    const auto continued =
        std::count_if(begin, begin + static_cast<std::ptrdiff_t>(byte), continues_character);
    const auto position = byte - static_cast<std::size_t>(continued) + 1;
    throw groklab::Error("expression '" + text_ + "': position " + std::to_string(position) + ": " +
                         message);
  }

  const std::string& text_;
  std::vector<Expression::Instruction>& instructions_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string after_operand_;  // what may follow where the parser is, but for the end or )
};

Expression::Expression(const std::string& text) { ExpressionParser(text, instructions_).parse(); }

std::int64_t Expression::value(std::int64_t x, std::int64_t y, std::int64_t modulus) const {
  std::vector<std::int64_t> stack;
  const auto pop = [&stack] {
    const auto top = stack.back();
    stack.pop_back();
    return top;
  };
  for (const auto& [kind, number] : instructions_) {
    using Kind = Instruction::Kind;
    if (kind == Kind::number) stack.push_back(number % modulus);
    if (kind == Kind::x) stack.push_back(x % modulus);
    if (kind == Kind::y) stack.push_back(y % modulus);
    if (kind == Kind::negate) stack.back() = (modulus - stack.back()) % modulus;
    if (kind == Kind::power) stack.back() = power_of(stack.back(), number, modulus);
    if (kind != Kind::add && kind != Kind::subtract && kind != Kind::multiply) continue;
    const auto right = pop();
    auto& left = stack.back();
    if (kind == Kind::add) left = (left + right) % modulus;
    if (kind == Kind::subtract) left = (left + modulus - right) % modulus;
    if (kind == Kind::multiply) left = left * right % modulus;
  }
  return stack.back();
}
