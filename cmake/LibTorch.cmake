# Finds LibTorch and defines the target groklab::libtorch.
#
# LibTorch's own TorchConfig.cmake insists on a CUDA toolkit even for the CPU, hence this file. A
# folder counts if it has include/ and lib/: what scripts/setup unpacks, an official LibTorch
# archive, or the torch/ folder of a Python installation.
#
#   GROKLAB_LIBTORCH_DIR       the folder
#   GROKLAB_LIBTORCH_INCLUDES  its two include folders
#   GROKLAB_LIBTORCH_LIBDIR    its libraries
#   GROKLAB_LIBTORCH_HAS_CUDA  whether libtorch_cuda.so is among them

set(GROKLAB_LIBTORCH "" CACHE PATH "LibTorch 2.11's folder; empty: \$GROKLAB_LIBTORCH or what scripts/setup unpacked")

function(groklab_find_libtorch result)
  if(NOT GROKLAB_LIBTORCH STREQUAL "")
    set(folders "${GROKLAB_LIBTORCH}")
  elseif(NOT "$ENV{GROKLAB_LIBTORCH}" STREQUAL "")
    set(folders "$ENV{GROKLAB_LIBTORCH}")
    # A build that configures itself anew, in another shell, must find the same one.
    set(GROKLAB_LIBTORCH_REMEMBERED "${folders}" CACHE INTERNAL "")
  elseif(GROKLAB_LIBTORCH_REMEMBERED)
    set(folders "${GROKLAB_LIBTORCH_REMEMBERED}")
  else()
    set(cache "$ENV{XDG_CACHE_HOME}")
    if(cache STREQUAL "")
      set(cache "$ENV{HOME}/.cache")
    endif()
    set(folders "${cache}/groklab/libtorch-2.11.0-cuda" "${cache}/groklab/libtorch-2.11.0-cpu")
  endif()

  foreach(folder IN LISTS folders)
    if(EXISTS "${folder}/lib/libtorch_cpu.so")
      file(REAL_PATH "${folder}" folder)
      set(${result} "${folder}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  list(JOIN folders "\n  " looked)
  message(FATAL_ERROR "LibTorch 2.11 not found: no lib/libtorch_cpu.so in\n  ${looked}\n"
                      "Run scripts/setup, or set GROKLAB_LIBTORCH to its folder.")
endfunction()

function(groklab_check_libtorch_version folder)
  set(header "${folder}/include/torch/headeronly/version.h")
  if(NOT EXISTS "${header}")  # before 2.9
    set(header "${folder}/include/torch/csrc/api/include/torch/version.h")
  endif()
  if(NOT EXISTS "${header}")
    message(FATAL_ERROR "LibTorch in ${folder} has no headers: ${header} is missing.")
  endif()
  set(version)
  foreach(part MAJOR MINOR)
    file(STRINGS "${header}" line REGEX "^#define TORCH_VERSION_${part} [0-9]+")
    string(REGEX REPLACE ".* ([0-9]+).*" "\\1" number "${line}")
    list(APPEND version "${number}")
  endforeach()
  list(JOIN version . version)
  if(NOT version STREQUAL "2.11")
    message(FATAL_ERROR "LibTorch in ${folder} is version ${version}, and this needs 2.11.\n"
                        "Run scripts/setup, or set GROKLAB_LIBTORCH to the folder of 2.11.")
  endif()
endfunction()

groklab_find_libtorch(GROKLAB_LIBTORCH_DIR)
groklab_check_libtorch_version("${GROKLAB_LIBTORCH_DIR}")
set(GROKLAB_LIBTORCH_INCLUDES "${GROKLAB_LIBTORCH_DIR}/include"
                              "${GROKLAB_LIBTORCH_DIR}/include/torch/csrc/api/include")
file(REAL_PATH "${GROKLAB_LIBTORCH_DIR}/lib" GROKLAB_LIBTORCH_LIBDIR)
set(GROKLAB_LIBTORCH_HAS_CUDA OFF)
if(EXISTS "${GROKLAB_LIBTORCH_LIBDIR}/libtorch_cuda.so")
  set(GROKLAB_LIBTORCH_HAS_CUDA ON)
endif()

# Operators register themselves when libtorch_cpu is loaded, so it is needed even where no symbol of
# it is used.
set(CMAKE_LINK_LIBRARY_USING_groklab_kept
    "-Wl,--push-state,--no-as-needed" "<LINK_ITEM>" "-Wl,--pop-state")
set(CMAKE_LINK_LIBRARY_USING_groklab_kept_SUPPORTED TRUE)

add_library(groklab::libtorch INTERFACE IMPORTED)
# After the system's folders, because LibTorch's hold other versions of fmt and protobuf.
foreach(folder IN LISTS GROKLAB_LIBTORCH_INCLUDES)
  target_compile_options(groklab::libtorch INTERFACE "SHELL:-idirafter \"${folder}\"")
endforeach()
target_link_libraries(
  groklab::libtorch
  INTERFACE "$<LINK_LIBRARY:groklab_kept,${GROKLAB_LIBTORCH_LIBDIR}/libtorch_cpu.so,${GROKLAB_LIBTORCH_LIBDIR}/libc10.so>")
message(STATUS "LibTorch: ${GROKLAB_LIBTORCH_DIR} (CUDA: ${GROKLAB_LIBTORCH_HAS_CUDA})")
