# Finds the bundle of Plotly.js, which reports are drawn with, and puts it into share/groklab.
#
#   GROKLAB_PLOTLY_FILE  the bundle

set(GROKLAB_PLOTLY "" CACHE FILEPATH "plotly.min.js; empty: what scripts/setup unpacked")

set(GROKLAB_PLOTLY_FILE "${GROKLAB_PLOTLY}")
if(GROKLAB_PLOTLY_FILE STREQUAL "")
  set(cache "$ENV{XDG_CACHE_HOME}")
  if(cache STREQUAL "")
    set(cache "$ENV{HOME}/.cache")
  endif()
  set(GROKLAB_PLOTLY_FILE "${cache}/groklab/plotly-7.1.0/plotly/package_data/plotly.min.js")
endif()
if(NOT EXISTS "${GROKLAB_PLOTLY_FILE}")
  message(FATAL_ERROR "Plotly's bundle not found: there is no ${GROKLAB_PLOTLY_FILE}\n"
                      "Run scripts/setup, or set GROKLAB_PLOTLY to a plotly.min.js.")
endif()
file(STRINGS "${GROKLAB_PLOTLY_FILE}" first_lines LIMIT_COUNT 2)
if(NOT first_lines MATCHES "plotly\\.js v4\\.")
  message(FATAL_ERROR "${GROKLAB_PLOTLY_FILE} is not version 4 of Plotly.js, which this needs.\n"
                      "Run scripts/setup, or set GROKLAB_PLOTLY to another plotly.min.js.")
endif()
configure_file("${GROKLAB_PLOTLY_FILE}" "${CMAKE_BINARY_DIR}/share/groklab/plotly.min.js" COPYONLY)
install(FILES "${GROKLAB_PLOTLY_FILE}" DESTINATION ${CMAKE_INSTALL_DATADIR}/groklab
        RENAME plotly.min.js)
message(STATUS "Plotly.js: ${GROKLAB_PLOTLY_FILE}")
