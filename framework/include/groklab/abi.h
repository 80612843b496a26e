#pragma once

// The name of the symbol by which a library says what it was built against. The host reads it from
// the symbol table before it loads the library, so that a library from another version is a clear
// error and not a crash or an undefined symbol.
//
//   groklab_abi_<contract>_<LibTorch>_<std::string ABI>_<sanitizer>
//
// A plugin without tensors (every operation) says no_torch and outlives changes of LibTorch.

#define GROKLAB_CONTRACT_VERSION 3

#define GROKLAB_JOIN_(a, b) a##_##b
#define GROKLAB_JOIN(a, b) GROKLAB_JOIN_(a, b)
#define GROKLAB_TEXT_(a) #a
#define GROKLAB_TEXT(a) GROKLAB_TEXT_(a)

#ifndef GROKLAB_TORCH_TAG
#define GROKLAB_TORCH_TAG no_torch  // groklab/tensor.h replaces it
#endif

#if defined(_GLIBCXX_USE_CXX11_ABI) && !_GLIBCXX_USE_CXX11_ABI
#define GROKLAB_STRING_TAG cxx03
#else
#define GROKLAB_STRING_TAG cxx11
#endif

#if defined(__SANITIZE_ADDRESS__)
#define GROKLAB_SANITIZER_TAG asan
#elif defined(__SANITIZE_THREAD__)
#define GROKLAB_SANITIZER_TAG tsan
#else
#define GROKLAB_SANITIZER_TAG plain
#endif

#define GROKLAB_ABI_PREFIX groklab_abi

// Expanded where it is used, so that it sees the LibTorch tag of the headers included by then.
#define GROKLAB_ABI_SYMBOL                                                                   \
  GROKLAB_JOIN(GROKLAB_ABI_PREFIX,                                                           \
               GROKLAB_JOIN(GROKLAB_CONTRACT_VERSION,                                        \
                            GROKLAB_JOIN(GROKLAB_TORCH_TAG, GROKLAB_JOIN(GROKLAB_STRING_TAG, \
                                                                         GROKLAB_SANITIZER_TAG))))
