#pragma once

#include <groklab/plugin.h>
#include <groklab/tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace groklab {

// Work for a device, kept to be asked for again.
class Recording {
 public:
  Recording() = default;
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  virtual ~Recording();

  // Asks for the same operators on the same memory, in order; does not wait for them. What the host
  // computed while it recorded (numbers handed to operators, branches taken) stays as it was then.
  virtual void replay() = 0;
};

// A device that packs train on. The device does what it is asked for in that order, while the host
// goes on.
class Backend : public Plugin {
 public:
  static constexpr const char* kKind = "backend";

  ~Backend() override;

  // What this machine lacks, in one line; empty if nothing. Nothing else is called unless it is.
  virtual std::string missing() const = 0;

  virtual torch::Device device() const = 0;

  // The device in words, for records: "NVIDIA H100 80GB HBM3".
  virtual std::string description() const = 0;

  // Whether matrices of float32 are multiplied in TF32, with 10 bits of mantissa. Off at first.
  // Throws Error if the device has no such products and is to use them.
  virtual void use_tf32(bool use) = 0;

  // Calls work(); what it asks for goes to the device behind all that was asked before.
  virtual void run(const std::function<void()>& work) = 0;

  // Calls work() and keeps what it asks of the device; whether the device also does it is open.
  // work() has run some times before, as libraries set themselves up on their first calls. Throws
  // std::exception if it asks for what cannot be repeated: a number back on the host, a shape that
  // follows from values, numbers of a generator.
  virtual std::unique_ptr<Recording> record(const std::function<void()>& work) = 0;

  // Returns when the device has done all that it was asked for.
  virtual void wait() = 0;

  // Whether the host should measure which way to compute a model is fastest here; otherwise it
  // takes the model's first.
  virtual bool chooses_by_speed() const = 0;

  // The most memory of the device that tensors have held at a time; nothing if it is the host's.
  virtual std::optional<std::int64_t> peak_bytes() const = 0;
};

}  // namespace groklab
