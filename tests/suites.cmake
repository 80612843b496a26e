# ctest reads this when it starts: each suite of PROGRAM becomes one of its tests, because a process
# for every test would load LibTorch a thousand times, 0.3 s each. What the program prints names the
# tests that failed, and the one that ran when it crashed or took too long.
function(add_suites PROGRAM)
  cmake_path(GET PROGRAM FILENAME name)
  execute_process(COMMAND ${PROGRAM} --gtest_list_tests OUTPUT_VARIABLE listing
                  ERROR_VARIABLE listing RESULT_VARIABLE result TIMEOUT 60)
  if(NOT result EQUAL 0)
    message("${name} cannot list its tests: ${result}\n${listing}")
    add_test(${name}_CANNOT_LIST_ITS_TESTS ${PROGRAM} --gtest_list_tests)
    return()
  endif()

  # Only suites stand at the start of a line, as in `All/Suite.` and `Suite/0.  # TypeParam = int`.
  string(REGEX MATCHALL "\n[^ \n]+\\." suites "\n${listing}")
  foreach(suite IN LISTS suites)
    string(REGEX REPLACE "\n(.+)\\." "\\1" suite "${suite}")
    add_test("${suite}" ${PROGRAM} "--gtest_filter=${suite}.*")
    # Skipped is a suite of which all tests are.
    set_tests_properties("${suite}" PROPERTIES TIMEOUT 600 SKIP_REGULAR_EXPRESSION
      "PASSED  \\] 0 tests\\.\n\\[  SKIPPED \\] [^:]+:\n(\\[  SKIPPED \\] [^\n]+\n?)+$")
    if(suite MATCHES "OnGpu$")  # `ctest -L gpu`, one at a time
      set_tests_properties("${suite}" PROPERTIES LABELS gpu RESOURCE_LOCK gpu)
    else()
      # Two tests at a time with two threads each wait for one another in spinning barriers.
      set_tests_properties("${suite}" PROPERTIES ENVIRONMENT OMP_NUM_THREADS=1)
    endif()
  endforeach()
endfunction()
