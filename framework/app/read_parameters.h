#pragma once

#include "spec/reader.h"

#include <string>
#include <vector>

namespace groklab {

// A plugin with parameters from the command line, "modulus=7", read as its section of a spec is:
// what is not given has its default. Throws Error that names each mistake.
Section read_parameters(const std::string& kind, const std::string& name,
                        const std::vector<std::string>& parameters, const SchemaLookup& lookup);

}  // namespace groklab
