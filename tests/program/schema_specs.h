// Specs for schema_test.cpp. Each says how it differs from kBase: a key at the start of a line
// takes the place of the key there, and a line such as -loss takes it away.
#pragma once

#include <vector>

namespace groklab::test {

struct SpecCase {
  const char* name;
  const char* changes;
};

inline constexpr const char* kBase = R"(experiment: base
operation: {name: add, modulus: 7}
model: {name: mlp, width: 4, hidden: 4}
loss: cross_entropy
optimizer: {name: adamw, learning_rate: 1e-3}
training: {steps: 5}
)";

// preset.yaml, beside the specs: all that kBase has but the name.
inline constexpr const char* kExtending =
    "extends: preset.yaml\n-operation\n-model\n-loss\n-optimizer\n-training\n";

inline const std::vector<SpecCase> kValidSpecs{
    {"base", ""},
    {"bare_names", "optimizer: sgd\nloss: \"cross_entropy\"\nprobes: [weight_norm]\n"},
    {"a_probe_twice", "probes: [weight_norm, {name: weight_norm, as: again}]\n"},
    {"quoted_keys", "'training': {\"steps\": 5}\n-training\n"},
    {"name_is_a_number", "experiment: 2024\n"},
    {"name_is_a_date", "experiment: 2024-05-01\n"},
    {"name_of_a_folder", "experiment: A-b_9\n"},
    {"folded_claim", "claim: >-\n  Two lines,\n  one sentence.\n"},
    {"claim_is_a_number", "claim: 0.5\n"},
    {"one_seed", "seed: 7\n"},
    {"seed_written_short", "seed: 1e3\n"},
    {"largest_seed", "seed: 9223372036854775807\n"},
    {"some_seeds", "seed: {init: 3, noise: 0}\n"},
    {"no_seeds", "seed: {}\n"},
    {"stop", "stop: {when: generalized, patience: 0}\n"},
    {"stop_swept",
     "sweep: {grid: {stop.when: [never, generalized], stop.patience: {from: 0, to: 1e3, points: "
     "3}}}\n"},
    {"batch_full", "training: {steps: 5, batch_size: full}\n"},
    {"batch_quoted_choice", "training: {steps: 5, batch_size: 'paper'}\n"},
    {"batch_number", "training: {steps: 1e1, batch_size: 8}\n"},
    {"nothing_listed", "regularizers:\nprobes: ~\nplugins:\nsweep: null\n"},
    {"empty_lists", "regularizers: []\nprobes: []\nplugins: []\nsweep: {}\n"},
    {"one_twice", "regularizers: [weight_decay, {name: weight_decay, toward: initialization}]\n"},
    {"folder", "plugins: .\n"},
    {"folders", "plugins: [., ./.]\n"},
    {"ends_included",
     "optimizer: {name: adamw, beta1: 0, weight_decay: 0, epsilon: 1e-300}\n"
     "evaluation: {points_per_decade: 1000}\nschedule: {warmup_steps: 0}\n"},
    {"smallest_modulus", "operation: {name: add, modulus: 2}\n"},
    {"flag", "optimizer: {name: sgd, momentum: 0.9, nesterov: true}\n"},
    {"every_type",
     "operation: {name: every_type, size: 5, shift: -3, share: 1, slope: 2, tilt: -1e9,\n"
     "  mirrored: true, label: 12, order: falling, offset: half}\n"},
    {"every_type_at_the_other_end",
     "operation: {name: every_type, size: 2, share: 0.0, slope: -0.999, label: true, offset: 9}\n"},
    {"parts_with_nothing", "sweep: {grid: , zip: , exclude: }\n"},
    {"grid",
     "sweep:\n  grid:\n    operation.name: [add, divide]\n"
     "    data.train_fraction: {from: 0.4, to: 0.6, step: 0.1}\n"
     "    optimizer.learning_rate: {from: 1e-4, to: 1e-2, points: 3, scale: log}\n"
     "    training.batch_size: [paper, 8]\n    precision: [float32, float64]\n"},
    {"falling_range", "sweep: {grid: {data.train_fraction: {from: 0.6, to: 0.35, step: -0.1}}}\n"},
    {"range_of_integers", "sweep: {grid: {model.width: {from: 4, to: 10, step: 4}}}\n"},
    {"range_past_the_end", "sweep: {grid: {data.train_fraction: {from: 0.4, to: 1, step: 0.5}}}\n"},
    {"range_of_seeds", "sweep: {grid: {seed: {from: 0, to: 2, points: 3, scale: linear}}}\n"},
    {"whole_sections",
     "sweep: {grid: {optimizer: [sgd, {name: adamw, beta1: 0.8}],\n"
     "  data: [{train_fraction: 0.4}, {train_fraction: 0.6}], seed: [0, {init: 3}]}}\n"},
    {"lists_of_plugins",
     "sweep: {grid: {regularizers: [~, [weight_decay], [{name: weight_decay, "
     "strength: 2}]]}}\n"},
    {"items",
     "regularizers: [weight_decay]\nsweep: {grid: {regularizers.0.strength: [0.1, 1],\n"
     "  regularizers.0.toward: [origin, initialization]}}\n"},
    {"whole_items",
     "probes: [weight_norm]\nregularizers: [weight_decay]\n"
     "sweep: {grid: {regularizers.0: [weight_decay, {name: weight_decay, strength: "
     "3}]}}\n"},
    {"zip_and_seeds",
     "sweep: {zip: [{model.width: [4, 8], model.hidden: {from: 4, to: 8, points: "
     "2}}], seeds: 2}\n"},
    {"named_by_the_sweep", "-optimizer\nsweep: {grid: {optimizer.name: [sgd, adamw]}}\n"},
    {"named_by_a_zip", "operation: {modulus: 5}\nsweep: {zip: [{operation: [add, multiply]}]}\n"},
    {"required_by_the_sweep", "operation: every_type\nsweep: {grid: {operation.size: [5, 7]}}\n"},
    {"variants",
     "sweep: {variants: {plain: {}, other: {optimizer: sgd, data.train_fraction: 0.4},\n"
     "  gone: ~, decayed: {regularizers: [weight_decay]}}, seeds: 2}\n"},
    {"named_by_variants",
     "-optimizer\nsweep: {variants: {a: {optimizer: sgd}, b: {optimizer: adamw}}}\n"},
    {"expectations",
     "expect:\n  - {statistic: best_val_accuracy, at_least: 0.99, claim: It learns.}\n"
     "  - {statistic: column, column: val_loss, take: rise, at_least: 1, at_most: 2.5, runs: 5}\n"},
    {"no_expectations", "expect:\n"},
    {"exclude",
     "sweep: {grid: {seed: [0, 1], model.width: [4, 8]},\n"
     "  exclude: [{seed: 0, model.width: [8, 16]}, {operation.name: nothing}]}\n"},
};

// On top of kExtending.
inline const std::vector<SpecCase> kValidExtensions{
    {"extends", ""},
    {"extends_without_a_name", "optimizer: {beta1: 0.8}\nmodel: {width: 8}\n"},
    {"extends_with_another_plugin", "optimizer: {name: sgd, momentum: 0.5}\noperation: divide\n"},
    {"extends_and_sweeps", "sweep: {grid: {optimizer.weight_decay: [0, 1]}}\n"},
};

// Valid by the schema, and refused by the program. It knows files, plugins' own checks, what a
// preset says, cells as a whole, and how a number is written.
inline const std::vector<SpecCase> kOnlyTheProgramKnows{
    {"unknown_device", "device: gpu\n"},
    {"composite_modulus", "operation: {name: divide, modulus: 6}\n"},
    {"heads_of_a_width", "model: {name: transformer, width: 10, heads: 3}\n"},
    {"empty_validation_set", "data: {train_fraction: 0.999}\n"},
    {"no_such_preset", "extends: elsewhere.yaml\n"},
    {"no_such_folder", "plugins: [elsewhere]\n"},
    {"preset_without_a_name", "extends: preset.yaml\n-experiment\n"},
    {"preset_of_another_plugin", "extends: preset.yaml\noptimizer: {momentum: 0.9}\n"},
    {"lists_of_two_lengths", "sweep: {zip: [{seed: [0, 1], model.width: [4, 8, 16]}]}\n"},
    {"step_that_leads_away", "sweep: {grid: {seed: {from: 0, to: 2, step: -1}}}\n"},
    {"step_onto_what_is_outside",
     "sweep: {grid: {data.train_fraction: {from: 0.5, to: 1, step: "
     "0.5}}}\n"},
    {"points_between_integers", "sweep: {grid: {seed: {from: 0, to: 1, points: 3}}}\n"},
    {"axis_of_another_plugin", "sweep: {grid: {optimizer.momentum: [0.8, 0.9]}}\n"},
    {"index_beyond_the_list", "sweep: {grid: {regularizers.0.strength: [0, 1]}}\n"},
    {"two_axes_for_one_setting", "sweep: {grid: {operation: [add], operation.name: [divide]}}\n"},
    {"seeds_twice", "sweep: {grid: {seed: [5, 6]}, seeds: 2}\n"},
    {"equal_cells", "sweep: {grid: {device: [cpu, auto]}}\n"},
    {"every_cell_excluded", "sweep: {seeds: 1, exclude: [{seed: 0}]}\n"},
    {"excluded_by_what_is_not_set", "sweep: {seeds: 2, exclude: [{model.layers: 2}]}\n"},
    {"too_many_cells",
     "sweep: {seeds: 1000, grid: {training.steps: {from: 1, to: 1000, step: "
     "1}}}\n"},
    {"leading_zero", "seed: 010\n"},
    {"hexadecimal", "seed: 0x10\n"},
    {"infinite", "optimizer: {name: adamw, learning_rate: .inf}\n"},
    {"capital_true", "optimizer: {name: sgd, nesterov: True}\n"},
    {"more_than_53_bits_written_short", "seed: 1e17\n"},
    {"name_written_as_a_number", "experiment: 1.0\n"},
    {"anchor", "seed: &a 1\n"},
    {"tag", "seed: !!int 1\n"},
};

// Refused by the schema, though what is wrong never comes to bear: the sweep replaces it.
inline const std::vector<SpecCase> kOnlyTheSchemaRefuses{
    {"name_that_the_sweep_replaces",
     "optimizer: {name: adamw, momentum: 0.9}\n"
     "sweep: {grid: {optimizer.name: [sgd]}}\n"},
    {"item_named_by_the_sweep",
     "regularizers: [{strength: 2}]\n"
     "sweep: {grid: {regularizers.0.name: [weight_decay]}}\n"},
};

}  // namespace groklab::test
