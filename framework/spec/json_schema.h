#pragma once

#include "spec/report_sections.h"

#include <groklab/params.h>

#include <string>
#include <vector>

namespace groklab {

// What an editor is to know of a plugin.
struct PluginFacts {
  std::string kind, name, summary;
  Schema schema;
};

// The JSON schema (draft-07) of specs that may name these plugins, as a text: what the reader takes
// is valid by it. It says nothing of what lies outside of the file (the files and folders that it
// names) nor of what hangs together in ways that a schema cannot say, such as a modulus that is
// prime.
std::string json_schema(const std::vector<PluginFacts>& plugins,
                        const std::vector<EntryKind>& figures,
                        const std::vector<EntryKind>& statistics);

}  // namespace groklab
