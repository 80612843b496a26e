#pragma once

#include "base/text.h"
#include "spec/problems.h"

#include <groklab/error.h>

#include <string>

namespace groklab {

// action(); an Error that it throws says nothing of where, so the place in the spec is put before.
template <class Action>
auto at_place(const Mark& mark, const std::string& path, Action action) {
  try {
    return action();
  } catch (const Error& error) {
    Problems problems;
    problems.add(mark, path, error.what());
    problems.throw_if_any();
    throw;
  }
}

}  // namespace groklab
