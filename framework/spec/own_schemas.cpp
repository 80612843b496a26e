// What a spec may say. docs/spec_reference.md says it at more length.
#include "base/setting_keys.h"
#include "spec/reader.h"

namespace groklab {

const std::vector<std::pair<std::string, Schema>>& own_schemas() {
  static const std::vector<std::pair<std::string, Schema>> schemas{
      {"", Schema{}
               .text("experiment", "", "name of the experiment, also of its folder")
               .required()
               .text("claim", "", "what the experiment is to show, in a sentence")
               .choice("precision", "float32",
                       "dtype of weights and arithmetic; tf32: float32, but products round their "
                       "factors to 10 bits (on cuda)",
                       {"float32", "float64", "tf32"})
               .text("device", "auto",
                     "where to train: cpu; a backend plugin, such as cuda; auto: cuda if there is "
                     "one, else cpu; cpu-replay: the CPU as a device that replays a recorded step, "
                     "to test that")},
      {"data",
       Schema{}
           .real("train_fraction", 0.5, "share of the table that is trained on", open_interval)
           .choice("split_by", "row",
                   "what is drawn for training: rows; or unordered pairs, so that the answers to "
                   "(x, y) and (y, x) are both trained on or both held out",
                   {"row", "pair"})
           .integer("outliers", 0,
                    "training rows whose label is a random element other than the answer",
                    at_least(0))},
      {"schedule",
       Schema{}
           .integer("warmup_steps", 10, "updates over which the learning rate rises linearly",
                    at_least(0))
           .choice("warmup_start", "first",
                   "first: from 1/warmup_steps of the peak at the first update to the peak at "
                   "update warmup_steps; zero: from 0 to the peak at the update after it",
                   {"first", "zero"})
           .choice("shape", "constant",
                   "the learning rate from the peak to the last update: constant, or falling along "
                   "half a cosine or a line",
                   {"constant", "cosine", "linear"})
           .real("final_factor", 0.0,
                 "share of the peak at the last update, of shapes cosine and linear",
                 between(0, 1))},
      {"training", Schema{}
                       .integer("steps", 100'000, "parameter updates",
                                between(1, static_cast<double>(kMostSteps)))
                       .integer_or_choice(
                           "batch_size", "paper",
                           "rows of a batch; paper: min(512, half the training set, rounded up); "
                           "full: the training set",
                           {"paper", "full"}, at_least(1))},
      {"evaluation",
       Schema{}
           .integer("every", 100, "steps between evaluations", at_least(1))
           .integer("points_per_decade", 0,
                    "if above 0, replaces every: evaluations evenly spaced in the logarithm of the "
                    "step",
                    between(0, 1000))},
      {"stop",
       Schema{}
           .choice("when", "never",
                   "before training.steps, a run ends: never, as generalisation comes late and may "
                   "be lost again; generalized: once validation accuracy has stayed at or above "
                   "0.99",
                   {"never", "generalized"})
           .integer(
               "patience", 1000,
               "steps for which every evaluation has to be that good; 0: the first one ends "
               "the run; 1000 are ten evaluations at the default interval, more than sustained "
               "summaries ask for",
               at_least(0))},
      {"checkpoint",
       Schema{}.integer("every", 500, "steps between checkpoints, from which a run resumes",
                        at_least(1))},
      {"seed", Schema{}
                   .integer("split", 0, "which rows are trained on", at_least(0))
                   .integer("init", 0, "initial weights", at_least(0))
                   .integer("batches", 0, "order of the rows", at_least(0))
                   .integer("noise", 0, "noise during training", at_least(0))},
  };
  return schemas;
}

const std::vector<PluginSection>& plugin_sections() {
  static const std::vector<PluginSection> sections{
      {"operation", "operation", false, "the table to learn"},
      {"model", "model", false, "the network that learns it"},
      {"loss", "loss", false, "what training minimises"},
      {"optimizer", "optimizer", false, "how a step changes the weights"},
      {"regularizers", "regularizer", true, "what else acts on training; the order counts"},
      {"probes", "probe", true, "what is measured besides losses and accuracies"},
  };
  return sections;
}

}  // namespace groklab
