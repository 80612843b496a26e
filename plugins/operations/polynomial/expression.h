#pragma once

#include <cstdint>
#include <string>
#include <vector>

// A polynomial in x and y with integer coefficients, read from text:
//
//   sum    = term { ("+" | "-") term }
//   term   = factor { "*" factor }
//   factor = "-" factor | power              so -x^2 is -(x^2)
//   power  = atom [ "^" integer ]            x^0 is 1, also at 0
//   atom   = integer | "x" | "y" | "(" sum ")"
class Expression {
 public:
  // Throws groklab::Error with the position (characters from 1), what is allowed and what is found.
  explicit Expression(const std::string& text);

  // Its residue in [0, modulus), for residues x and y; modulus < 2³¹.
  std::int64_t value(std::int64_t x, std::int64_t y, std::int64_t modulus) const;

 private:
  friend class ExpressionParser;

  // In postfix order: operands are pushed, an operator takes its own from the top of a stack.
  struct Instruction {
    enum class Kind { number, x, y, negate, add, subtract, multiply, power } kind;
    std::int64_t number = 0;  // the number, or the exponent
  };

  std::vector<Instruction> instructions_;
};
