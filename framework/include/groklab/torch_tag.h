#pragma once

#include <groklab/abi.h>

#include <torch/version.h>

// From here on the ABI symbol names the version of LibTorch: torch_2_11_0.
#undef GROKLAB_TORCH_TAG
#define GROKLAB_TORCH_TAG                               \
  GROKLAB_JOIN(torch, GROKLAB_JOIN(TORCH_VERSION_MAJOR, \
                                   GROKLAB_JOIN(TORCH_VERSION_MINOR, TORCH_VERSION_PATCH)))
