#pragma once

#include "app/load_experiment.h"

#include <cstddef>
#include <cstdint>

namespace groklab {

// What is refused before anything is trained or written.

// Throws DoesNotFit if a pack of the sweep cannot fit into the memory of this machine, by the sizes
// of tables and networks alone: no tensor is made. Mistakes in the spec are left to whoever makes
// the parts, who names all of them.
void require_least_memory(const LoadedSweep& loaded, std::size_t pack, std::int64_t jobs = 1);

// Asks all of `groklab run` that it asks before training, of every cell: memory, device, and what
// each plugin says to its parameters with the table of the operation. Throws Error with every
// mistake.
void check_cells(const LoadedSweep& loaded, std::size_t pack);

// "note: …" on standard error, a line for each of notes_of().
void print_notes(const Sweep& sweep);

}  // namespace groklab
