# How everything that fuzzers run is compiled: libFuzzer sees which branches an input takes, and the
# sanitizers and the assertions of the standard library end the program at the first mistake.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "GROKLAB_FUZZ takes clang, which libFuzzer is part of, and the compiler is "
                      "${CMAKE_CXX_COMPILER_ID}. Use `cmake --preset fuzz`.")
endif()
set(sanitizers -fsanitize=address,undefined,float-cast-overflow -fno-sanitize-recover=all)
add_compile_options(-fsanitize=fuzzer-no-link ${sanitizers} -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS)
add_compile_options(-Wno-sign-conversion)  # of -Wconversion, for clang alone
add_link_options(${sanitizers})
