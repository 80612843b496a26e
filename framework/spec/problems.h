#pragma once

#include <groklab/error.h>

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

namespace groklab {

// A place in a spec, counted from 1. Line 0: the command line, or no place in particular.
struct Mark {
  std::shared_ptr<const std::string> file;
  int line = 0;
  int column = 0;

  std::string text() const;        // "experiment.yaml:3:12"
  std::string short_text() const;  // "experiment.yaml:3"
};

// Every mistake of a spec, gathered so that all are reported at once, and each once: the cells of a
// sweep have most of theirs in common.
class Problems {
 public:
  static constexpr std::size_t kShown = 100;

  // `path`: the key, such as optimizer.beta1; may be empty.
  void add(const Mark& mark, const std::string& path, const std::string& message);

  bool empty() const { return list_.empty(); }
  std::size_t count() const { return list_.size(); }

  // Whether there are more than a person reads: then messages need no suggestions, which take time.
  bool are_many() const { return list_.size() >= kShown; }

  // A line each: "file:line:column: path: message", in reading order; of many the first kShown.
  std::string text() const;

  void throw_if_any() const;  // Error with text()

 private:
  struct Problem {
    Mark mark;
    std::string path, message;
  };

  static std::string line(const Problem& problem);

  std::vector<Problem> list_;
  std::unordered_set<std::string> lines_;
};

}  // namespace groklab
