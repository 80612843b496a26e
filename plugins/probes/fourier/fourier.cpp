// How few frequencies the elements' rows are made of: the discrete Fourier transform of embedding
// and output rows over the elements, as in Nanda et al. 2023, arXiv:2301.05217. E_k = Σ |ŵ_k|² over
// the columns, frequencies k and n − k together, k = 1 … ⌊n/2⌋ (not the mean). For each:
//   gini           of √E_k: 0 if all are equal, 1 − 1/⌊n/2⌋ if one is all
//   participation  inverse participation ratio Σ E_k² / (Σ E_k)²: 1 / (how many frequencies)
//   top_5          energy of the five strongest / Σ E_k
// Elements stand in the order of their numbers, or in that of the discrete logarithm: 1, g, g², …
// mod K for the smallest primitive root g, n = K − 1. There x y is addition.
#include <groklab/error.h>
#include <groklab/probe.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

namespace {

using groklab::Tensor;

std::vector<std::int64_t> powers(std::int64_t base, std::int64_t modulus) {
  std::vector<std::int64_t> all{1};
  for (auto next = base % modulus; next != 1 && std::ssize(all) < modulus;
       next = next * base % modulus) {
    all.push_back(next);
  }
  return all;
}

// All K − 1 nonzero residues, as powers of a primitive root; empty if K is not prime.
std::vector<std::int64_t> by_discrete_logarithm(std::int64_t elements) {
  for (std::int64_t base = 1; base < elements; ++base) {
    auto all = powers(base, elements);
    if (std::ssize(all) == elements - 1) return all;
  }
  return {};
}

// Whether z(x, y) = x y mod K everywhere, or z y = x mod K for y ≠ 0 and no answer for y = 0.
bool multiplies_or_divides(const std::int64_t* answers, std::int64_t elements) {
  bool multiplies = true, divides = true;
  for (std::int64_t x = 0; x < elements; ++x) {
    for (std::int64_t y = 0; y < elements; ++y) {
      const auto z = answers[x * elements + y];
      multiplies = multiplies && z == x * y % elements;
      divides = divides && (y == 0 ? z == -1 : z >= 0 && z * y % elements == x);
    }
  }
  return multiplies || divides;
}

// E_k of rows [n, d], float64: [⌊n/2⌋].
Tensor energies(const Tensor& rows) {
  const auto n = rows.size(0);
  auto energy = torch::fft_rfft(rows, std::nullopt, 0).abs().square().sum(1);  // k = 0 … ⌊n/2⌋
  energy.narrow(0, 0, (n + 1) / 2).mul_(2);  // n − k too; n / 2 is its own mirror image
  return energy.narrow(0, 1, n / 2);
}

double gini(const Tensor& energy) {
  const auto sizes = std::get<0>(energy.sqrt().sort());
  const auto count = sizes.size(0);
  const auto rank = torch::arange(1, count + 1, sizes.options());
  const auto sum = static_cast<double>(count) * sizes.sum();
  return ((2 * rank - count - 1) * sizes).sum().div(sum).item<double>();
}

double participation(const Tensor& energy) {
  return (energy.square().sum() / energy.sum().square()).item<double>();
}

double top_5(const Tensor& energy) {
  const auto strongest = std::get<0>(energy.topk(std::min<std::int64_t>(5, energy.size(0))));
  return (strongest.sum() / energy.sum()).item<double>();
}

class Fourier final : public groklab::Probe {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}.choice(
        "order", "auto",
        "of the elements; auto: discrete_logarithm if the table is x y or x / y mod a prime, else "
        "residues",
        {"auto", "residues", "discrete_logarithm"});
  }

  explicit Fourier(const groklab::Params& params) : order_(params.text("order")) {}

  bool reads_logits() const override { return false; }

  Measurements measure(const groklab::Snapshot& snapshot) override {
    const auto answers = snapshot.answers.cpu().contiguous();
    Measurements all;
    add("embedding", snapshot.model.embedding(snapshot.weights), answers, all);
    add("output", snapshot.model.output_rows(snapshot.weights), answers, all);
    return all;
  }

 private:
  void add(const std::string& name, const Tensor& device_rows, const Tensor& answers,
           Measurements& all) const {
    const auto rows = device_rows.to(torch::kCPU, torch::kFloat64);  // [R, K, d]
    std::vector<double> ginis, participations, tops;
    for (std::int64_t r = 0; r < rows.size(0); ++r) {
      const auto order = torch::tensor(order_of(answers[r].data_ptr<std::int64_t>(), rows.size(1)));
      const auto energy = energies(rows[r].index_select(0, order));
      ginis.push_back(gini(energy));
      participations.push_back(participation(energy));
      tops.push_back(top_5(energy));
    }
    all.emplace_back(name + "_gini", torch::tensor(ginis, torch::kFloat64));
    all.emplace_back(name + "_participation", torch::tensor(participations, torch::kFloat64));
    all.emplace_back(name + "_top_5", torch::tensor(tops, torch::kFloat64));
  }

  std::vector<std::int64_t> order_of(const std::int64_t* answers, std::int64_t elements) const {
    std::vector<std::int64_t> order;
    if (order_ == "discrete_logarithm" ||
        (order_ == "auto" && multiplies_or_divides(answers, elements))) {
      order = by_discrete_logarithm(elements);
    }
    if (order_ == "discrete_logarithm" && order.empty()) {
      throw groklab::Error("order discrete_logarithm needs a prime number of elements, not " +
                           std::to_string(elements) + "; use residues");
    }
    if (order.empty()) {
      order.resize(elements);
      std::iota(order.begin(), order.end(), 0);
    }
    return order;
  }

  std::string order_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Probe, Fourier, "fourier",
               "how few Fourier frequencies embedding and output rows are made of",
               "Nanda et al. 2023, arXiv:2301.05217")
