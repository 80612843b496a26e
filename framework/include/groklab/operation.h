#pragma once

#include <groklab/error.h>
#include <groklab/plugin.h>

#include <cstdint>
#include <string>

namespace groklab {

// The table to learn: x ∘ y = z over the elements 0 … size() − 1, which the network sees as opaque
// tokens. No tensors here.
class Operation : public Plugin {
 public:
  using Element = std::int64_t;

  static constexpr const char* kKind = "operation";
  static constexpr Element kUndefined = -1;  // the table has no row for this pair
  static constexpr Element kMaxSize = 8192;  // of any table: 2²⁶ pairs

  ~Operation() override;

  virtual std::int64_t size() const = 0;  // number of elements, from 2 to kMaxSize

  // x ∘ y in [0, size()), or kUndefined; a pure function of x and y in [0, size()).
  virtual Element apply(Element x, Element y) const = 0;

  virtual std::string formula() const = 0;  // "x / y (mod p)", for people

  virtual std::string element_name(Element element) const;  // by default its number
};

// An operation on the residues modulo p, with its one parameter `modulus`.
class ModularOperation : public Operation {
 public:
  static Schema schema();

  explicit ModularOperation(const Params& params);

  std::int64_t size() const override { return modulus_; }

 protected:
  // The residue of `number` in [0, p), for negative numbers too.
  Element mod(std::int64_t number) const {
    const std::int64_t rest = number % modulus_;
    return rest < 0 ? rest + modulus_ : rest;
  }

  // y⁻¹ (mod p) for prime p and y ≠ 0, as y^(p−2) (Fermat).
  Element inverse(Element y) const;

  // Throws Error unless p is prime: for operations that divide. `reason` ends the sentence.
  void require_prime_modulus(const std::string& reason) const;

 private:
  std::int64_t modulus_;
};

}  // namespace groklab
