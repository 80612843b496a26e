#pragma once

#include <groklab/backend.h>

#include <string>

// The one function of libgroklab_cuda.so, for the plugin that loads it: the GPU as a backend, the
// caller's; or null, and in `missing` why, in one line. Throws nothing.
extern "C" GROKLAB_EXPORT groklab::Backend* groklab_cuda_backend(std::string& missing);
