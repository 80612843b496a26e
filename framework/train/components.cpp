#include "train/components.h"

namespace groklab {
namespace {

constexpr std::int64_t kMaxParameters = 1 << 28;  // a gigabyte in float32, times optimiser state

class Assembler {
 public:
  Assembler(const Catalog& catalog, const std::vector<Experiment>& replicas)
      : catalog_(catalog), replicas_(replicas) {}

  Components assemble() {
    for (const auto& replica : replicas_) make_replica_data(replica);
    make_model();
    const auto& first = replicas_.front();
    parts_.loss = make<Loss>("loss", [](const Experiment& e) { return &e.loss; });
    make_optimizer();
    for (std::size_t i = 0; i < first.regularizers.size(); ++i) {
      parts_.regularizers.push_back(
          make<Regularizer>(fmt::format("regularizers.{}", i),
                            [i](const Experiment& e) { return &e.regularizers.at(i); }));
    }
    for (std::size_t i = 0; i < first.probes.size(); ++i) {
      parts_.probes.push_back(make<Probe>(fmt::format("probes.{}", i),
                                          [i](const Experiment& e) { return &e.probes.at(i); }));
    }
    problems_.throw_if_any();
    return std::move(parts_);
  }

 private:
  // Runs `action`; what it refuses becomes a problem at that place in the spec.
  template <class Action>
  bool attempt(const Mark& mark, const std::string& path, Action action) {
    try {
      action();
      return true;
    } catch (const std::exception& error) {
      problems_.add(mark, path, message_of(error));
      return false;
    }
  }

  template <class Kind, class Select>
  Used<Kind> make(const std::string& path, Select select) {
    const Section& first = *select(replicas_.front());
    Used<Kind> used{first.plugin, nullptr};
    attempt(first.mark, path, [&] {
      std::vector<const Section*> sections;
      for (const auto& replica : replicas_) sections.push_back(select(replica));
      const auto schema = schema_of(catalog_.find(Kind::kKind, first.plugin));
      used.plugin = catalog_.create<Kind>(first.plugin, joined_params(sections, schema));
    });
    return used;
  }

  void make_replica_data(const Experiment& replica) {
    if (make_table_of(replica)) split_table_of(replica, parts_.tables.back());
  }

  bool make_table_of(const Experiment& replica) {
    const auto& section = replica.operation;
    return attempt(section.mark, "operation", [&] {
      const Used<Operation> operation{section.plugin,
                                      catalog_.create<Operation>(section.plugin, section.params())};
      parts_.tables.push_back(operation.call([](Operation& o) { return make_table(o); }));
      if (parts_.tables.back().elements != parts_.tables.front().elements) {
        throw std::logic_error("operations of a pack differ in size");
      }
    });
  }

  void split_table_of(const Experiment& replica, Table& table) {
    const auto seed = replica.seeds().split;
    const auto& fraction = replica.data.at("train_fraction");
    const auto& outliers = replica.data.at("outliers");
    const bool is_split = attempt(fraction.mark, "data.train_fraction", [&] {
      const auto share = std::get<double>(fraction.value);
      parts_.splits.push_back(replica.data.text("split_by") == "pair"
                                  ? split_pairs(table, share, seed)
                                  : split_rows(table.rows(), share, seed));
    });
    if (!is_split) return;
    attempt(outliers.mark, "data.outliers", [&] {
      randomize_labels(table, parts_.splits.back(), std::get<std::int64_t>(outliers.value), seed);
    });
  }

  void make_model() {
    parts_.model = make<Model>("model", [](const Experiment& e) { return &e.model; });
    if (!parts_.model.plugin || parts_.tables.empty()) return;
    const auto& section = replicas_.front().model;
    attempt(section.mark, "model", [&] {
      const Task task{parts_.tables.front().elements};
      parts_.layout = std::make_shared<const ParameterLayout>(
          parts_.model.call([&](Model& model) { return model.build(task); }));
      if (parts_.layout->count() > kMaxParameters) {
        throw Error(fmt::format("{} has {} parameters; at most {} are possible", section.plugin,
                                parts_.layout->count(), kMaxParameters));
      }
    });
  }

  // The schedule drives `learning_rate`, so every optimiser has to declare it.
  void make_optimizer() {
    const auto& section = replicas_.front().optimizer;
    parts_.optimizer =
        make<Optimizer>("optimizer", [](const Experiment& e) { return &e.optimizer; });
    const auto* rate = section.find("learning_rate");
    if (rate == nullptr || !std::holds_alternative<double>(rate->value)) {
      problems_.add(section.mark, "optimizer",
                    fmt::format("{} declares no real parameter learning_rate, which every "
                                "optimizer needs",
                                section.plugin));
    }
  }

  const Catalog& catalog_;
  const std::vector<Experiment>& replicas_;
  Components parts_;
  Problems problems_;
};

}  // namespace

Components assemble(const Catalog& catalog, const std::vector<Experiment>& replicas) {
  return Assembler(catalog, replicas).assemble();
}

std::vector<OwnedState> states_of(const Components& components) {
  const auto& [name, optimizer] = components.optimizer;
  std::vector<OwnedState> all{{"optimizer.", "optimizer " + name, &optimizer->named_state()}};
  for (std::size_t i = 0; i < components.regularizers.size(); ++i) {
    const auto& regularizer = components.regularizers[i];
    all.push_back({fmt::format("regularizers.{}.", i), "regularizer " + regularizer.name,
                   &regularizer.plugin->named_state()});
  }
  return all;
}

}  // namespace groklab
