#pragma once

#include "host/catalog.h"
#include "spec/experiment.h"

#include <groklab/backend.h>

#include <memory>
#include <string>

namespace groklab {

// The backend that a spec's `device` and `precision` ask for; nullptr: the CPU, each replica by
// itself. A name is that of a backend plugin; auto takes cuda if it is there and misses nothing.
// Throws Error with the place in the spec if the device is not to be had.
std::shared_ptr<Backend> choose_backend(const Catalog& catalog, const Experiment& experiment);

// The content (host/library.h) of the plugin's library that it is made by; empty: by none.
std::string backend_content(const Backend* backend);

// "cpu", or what a backend calls its device.
std::string device_name(const Backend* backend);

}  // namespace groklab
