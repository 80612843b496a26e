#pragma once

#include "report/projection.h"

#include <cstdint>
#include <vector>

namespace groklab {

// 1, g, g², … mod K for the smallest primitive root g: the K − 1 nonzero residues by their discrete
// logarithm. Empty if K is not prime.
std::vector<std::size_t> by_discrete_logarithm(std::size_t elements);

// Whether the answers, x by x, are x y mod K, or x / y with none for y = 0.
bool multiplies_or_divides(const std::vector<std::int64_t>& answers, std::size_t elements);

// Share of energy of each frequency k = 1 … ⌊n/2⌋ of the discrete Fourier transform over the rows
// in this order, n of them: Σ |ŵ_k|² over the coordinates, k and n − k together, divided by the sum
// (the conventions of the probe fourier). All 0 if the rows are the same.
std::vector<double> energy_shares(const Points& rows, const std::vector<std::size_t>& order);

// Gini's coefficient of the amplitudes √E_k: 0 if all are equal, 1 − 1/⌊n/2⌋ if one is all.
double amplitude_gini(const std::vector<double>& energies);

}  // namespace groklab
