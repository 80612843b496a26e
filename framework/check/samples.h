#pragma once

#include <groklab/parameters.h>
#include <groklab/step.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

// Numbers and shapes to call plugins with.
namespace groklab {

// Numbers in (−1, 1) without a generator, the same everywhere; float64.
Tensor sample_numbers(std::vector<std::int64_t> shape, double phase = 0);

// The step of that number (from 1), one learning rate a replica, each with noise of its own seed.
Step sample_step(std::int64_t number, std::vector<double> learning_rates,
                 std::vector<std::uint64_t> seeds = {});

// A matrix, a vector, and an embedding: 50 numbers.
std::shared_ptr<const ParameterLayout> sample_layout();

// Numbers for its parameters and zeros behind them, as a model's buffer has: float64 [P].
Tensor sample_row(double phase);

// Throws Error with `found`, unless `holds`.
void require(bool holds, const std::string& found);

// The same bits, NaN included. `what` begins the message.
void require_equal(const Tensor& a, const Tensor& b, const std::string& what);

// |a − b| at most `tolerance` times the largest magnitude in b.
void require_close(const Tensor& a, const Tensor& b, double tolerance, const std::string& what);

// The gradient of `function` (θ → one number, float64, differentiable) at `at` [R, P] against
// differences along a direction in each parameter, with steps of several sizes: one that agrees is
// enough, relative to the gradient. At a kink any slope between its two sides is right. Only the
// first replica.
void require_gradient(const std::function<Tensor(const Tensor&)>& function, const Tensor& at,
                      const ParameterLayout& layout);

// Likewise the product of the function's second derivatives with a vector, by operators alone (as
// probes ask for it), against differences of gradients.
void require_second_derivatives(const std::function<Tensor(const Tensor&)>& function,
                                const Tensor& at);

}  // namespace groklab
