#pragma once

#include "train/inputs.h"
#include "train/update.h"

#include <groklab/backend.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace groklab {

// The tensors of an update for whoever wants to look at them.
struct StepRecord {
  Batch batch;
  Tensor logits;     // [R, B, K]
  Tensor loss;       // [R], with penalties
  Tensor gradients;  // [R, P] with penalties, as on_loss_gradients left them
};

// What was observed at an update.
struct Observation {
  Tensor loss, accuracy;  // [R], in its batch
  Tensor directions;      // [R, P]: the gradient that the optimiser was given
  UpdateParts parts;      // if a probe reads them
};

// How a program's steps run.
struct Execution {
  std::string computation;  // of the model; empty: it has one only
  bool recorded = false;    // and replayed; otherwise operator by operator
  std::string note;         // how well the replay agrees, or why there is none

  std::string text() const;
};

// What a step changes and the next one reads: where each tensor lives, and a copy of it.
using ProgramState = std::vector<std::pair<Tensor, Tensor>>;

// The updates of a whole pack as a program for a backend: the same operators on the same memory at
// each update, all replicas at once and every batch at full width, recorded once and replayed. What
// differs from update to update (rows, learning rates, the number) is drawn on the host some
// updates ahead and handed over in chunks; a cursor on the device says which is next.
class Program {
 public:
  // Changes `flat` [R, P] in place. The backend, components and inputs must outlive it.
  Program(Backend& backend, const Components& components, Tensor flat, InputSource& inputs);

  // Makes the next update that after `steps_done` others. Of the model's computations takes
  // `computation`, or if that is empty the fastest. Records the step and holds three replays
  // against three steps operator by operator; if they disagree, or the step cannot be recorded,
  // updates run operator by operator, and a warning says so.
  void start(std::int64_t steps_done, const std::string& computation);

  void step(bool observed);  // does not wait for the device
  void step_by_operators();  // unobserved, and not by the recording
  void wait() { backend_.wait(); }
  StepRecord record_step();  // observed

  Observation observation();  // of the last observed update

  const Execution& execution() const { return attempt_.execution; }

 private:
  struct Attempt {
    Execution execution;
    std::unique_ptr<Recording> plain, observed;
    double seconds = 0;  // a replay
  };

  void begin_chunk(std::int64_t first);
  void have_inputs();
  void draw_chunk(std::int64_t first);
  Update work(bool observed, bool recording);
  void run_eagerly(bool observed);
  std::vector<Tensor> state_tensors() const;
  ProgramState copy_state() const;
  void restore(const ProgramState& state);
  Attempt attempt(const std::string& computation);
  void record(Attempt& attempt, const ProgramState& start);
  void check(Attempt& attempt, const ProgramState& start, const ProgramState& expected);
  double time_replays(Recording& recording, const ProgramState& start);

  Backend& backend_;
  const Components& components_;
  Weights weights_;
  InputSource& inputs_;
  std::vector<Slice> all_;

  std::int64_t chunk_;                 // updates a chunk
  StepInputs drawn_[2], on_device_;    // [chunk, …]
  int next_drawn_ = 0;                 // which of the two is drawn next
  std::int64_t drawn_first_ = -1;      // of the chunk that is drawn but not handed over
  std::int64_t first_ = 0, next_ = 0;  // the first update of this chunk, and the next
  std::int64_t observed_ = -1;         // the last observed update
  Tensor cursor_;                      // int64 [1]: place of the next update in the chunk
  Tensor losses_, accuracies_;         // [chunk, R]: a ring of what was observed
  Tensor directions_;                  // [R, P]
  UpdateParts parts_;                  // [R, P] each, if a probe reads them
  Observation last_;                   // of the ring before this chunk
  Attempt attempt_;
};

}  // namespace groklab
