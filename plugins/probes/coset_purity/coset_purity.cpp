// How well embedding and output rows cluster by the cosets of a subgroup, as the output rows of S5
// do in figure 3 of Power et al. 2022, arXiv:2201.02177 (a subgroup of order 10, 12 cosets): the
// share of elements whose nearest other row, by cosine, is of an element of the same coset; the
// best of all subgroups H of the order that one or two elements generate, and of left (x H) and
// right (H x) cosets. For one subgroup chance gives (order − 1) / (K − 1), for the best of several
// more: beside each is the mean of kShuffles measurements with the elements' names shuffled.
#include "kernels/finite_group.h"

#include <groklab/error.h>
#include <groklab/probe.h>
#include <groklab/random.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace {

using cosets::FiniteGroup;
using groklab::Error;
using groklab::Tensor;
using Elements = FiniteGroup::Elements;

constexpr std::int64_t kShuffles = 100;

struct Cosets {
  FiniteGroup group;
  std::vector<Elements> subgroups;
};

// The element of the nearest other row, for each: rows [K, d], float64.
Elements nearest(const Tensor& rows) {
  const auto unit = rows / rows.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-300);
  auto cosines = unit.mm(unit.t());
  cosines.fill_diagonal_(-2);
  const auto best = cosines.argmax(1).contiguous();
  return {best.data_ptr<std::int64_t>(), best.data_ptr<std::int64_t>() + best.numel()};
}

// y is in x H if x⁻¹ y is in H, and in H x if y x⁻¹ is.
double best_purity(const Cosets& cosets, const Elements& neighbours) {
  const auto& group = cosets.group;
  std::vector<std::int64_t> left(group.order()), right(group.order());
  for (std::int64_t x = 0; x < group.order(); ++x) {
    ++left[group.product(group.inverse(x), neighbours[x])];
    ++right[group.product(neighbours[x], group.inverse(x))];
  }
  std::int64_t best = 0;
  for (const auto& subgroup : cosets.subgroups) {
    std::int64_t in_left = 0, in_right = 0;
    for (const auto h : subgroup) {
      in_left += left[h];
      in_right += right[h];
    }
    best = std::max({best, in_left, in_right});
  }
  return static_cast<double>(best) / static_cast<double>(group.order());
}

// The names 0 … K − 1 in another order, the same at every call.
Elements shuffled(std::int64_t count, std::int64_t number) {
  const groklab::RandomStream stream(groklab::hash_name("coset_purity"), groklab::Purpose::noise);
  std::vector<std::pair<std::uint64_t, std::int64_t>> keyed;
  for (std::int64_t i = 0; i < count; ++i) keyed.emplace_back(stream.bits(number, i), i);
  std::sort(keyed.begin(), keyed.end());
  Elements names;
  for (const auto& [key, name] : keyed) names.push_back(name);
  return names;
}

double chance(const Cosets& cosets, const Elements& neighbours) {
  double sum = 0;
  Elements renamed(neighbours.size());
  for (std::int64_t i = 0; i < kShuffles; ++i) {
    const auto names = shuffled(cosets.group.order(), i);
    for (std::size_t x = 0; x < renamed.size(); ++x) renamed[names[x]] = names[neighbours[x]];
    sum += best_purity(cosets, renamed);
  }
  return sum / kShuffles;
}

class CosetPurity final : public groklab::Probe {
 public:
  static groklab::Schema schema() {
    return groklab::Schema{}
        .choice("group", "table",
                "table: the operation's own; symmetric: K = n! permutations numbered "
                "lexicographically, for operations on them that are not their product",
                {"table", "symmetric"})
        .integer("order", 0, "of the subgroups; 0: the largest below the group's own",
                 groklab::at_least(0));
  }

  explicit CosetPurity(const groklab::Params& params)
      : symmetric_(params.text("group") == "symmetric"), order_(params.integer("order")) {}

  bool reads_logits() const override { return false; }

  Measurements measure(const groklab::Snapshot& snapshot) override {
    Measurements all;
    const auto answers = snapshot.answers.cpu().contiguous();
    add("embedding", snapshot.model.embedding(snapshot.weights), answers, all);
    add("output", snapshot.model.output_rows(snapshot.weights), answers, all);
    return all;
  }

 private:
  void add(const std::string& name, const Tensor& device_rows, const Tensor& answers,
           Measurements& all) {
    const auto rows = device_rows.to(torch::kCPU, torch::kFloat64);  // [R, K, d]
    std::vector<double> purities, chances;
    for (std::int64_t r = 0; r < rows.size(0); ++r) {
      const auto* numbers = answers[r].data_ptr<std::int64_t>();
      const auto& cosets = cosets_of({numbers, numbers + answers.size(1)}, rows.size(1));
      const auto neighbours = nearest(rows[r]);
      purities.push_back(best_purity(cosets, neighbours));
      chances.push_back(chance(cosets, neighbours));
    }
    all.emplace_back(name, torch::tensor(purities, torch::kFloat64));
    all.emplace_back(name + "_chance", torch::tensor(chances, torch::kFloat64));
  }

  // Made at the first measurement of a table and kept: replicas of a pack may differ in theirs.
  const Cosets& cosets_of(cosets::Table table, std::int64_t elements) {
    if (symmetric_) table.clear();  // one for all
    const auto known = made_.find(table);
    if (known != made_.end()) return known->second;
    FiniteGroup group(symmetric_ ? symmetric_group(elements) : checked(table));
    auto subgroups = group.subgroups(order_);
    if (subgroups.empty()) {
      throw Error("the group of " + std::to_string(elements) +
                  " elements has no subgroup of order " + std::to_string(order_) +
                  " that two elements generate; choose another order");
    }
    return made_.emplace(std::move(table), Cosets{std::move(group), std::move(subgroups)})
        .first->second;
  }

  static cosets::Table checked(const cosets::Table& table) {
    const auto objection = FiniteGroup::objection(table);
    if (objection.empty()) return table;
    throw Error("the operation's table is not that of a group: " + objection +
                "; use an operation that is one, such as add, or group: symmetric for operations "
                "on permutations");
  }

  static cosets::Table symmetric_group(std::int64_t elements) {
    std::int64_t things = 1, count = 1;
    while (count < elements) count *= ++things;
    if (count == elements) return cosets::symmetric_table(things);
    throw Error("group: symmetric needs n! elements, not " + std::to_string(elements) +
                "; use group: table");
  }

  bool symmetric_;
  std::int64_t order_;
  std::map<cosets::Table, Cosets> made_;
};

}  // namespace

GROKLAB_PLUGIN(groklab::Probe, CosetPurity, "coset_purity",
               "how well embedding and output rows cluster by cosets of a subgroup",
               "Power et al. 2022, arXiv:2201.02177, figure 3")
