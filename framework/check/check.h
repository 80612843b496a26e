#pragma once

#include "host/catalog.h"

#include <groklab/error.h>
#include <groklab/params.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace groklab {

// A claim cannot be tried here; what() says why.
class NotTried : public Error {
 public:
  using Error::Error;
};

// A claim that the contract of its kind makes about a plugin, and how to find out whether it holds.
struct Check {
  std::string claim;           // "keeps replicas apart"
  std::function<void()> test;  // throws Error with what was found instead, or NotTried
};

// All claims about a library's plugin, the simplest first. `given` are values of its parameters;
// the others have their defaults. Throws Error if a parameter without a default is not given, or
// one given is none of the plugin's.
std::vector<Check> checks_of(const Library& library,
                             const std::map<std::string, Value>& given = {});

}  // namespace groklab
