# LLVM and MLIR 22, linked as the shared libraries libLLVM and libMLIR: a tool
# then links in under a second.

find_package(MLIR 22.1 REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
find_package(LLD REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/lld)
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)

# Everything that includes an MLIR header links this. LLVM is built without
# RTTI, so whatever derives from its classes must be as well.
add_library(seq-mlir INTERFACE)
# Generated code counts as a system header: TableGen's output has unused parameters.
target_include_directories(seq-mlir SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS}
  ${CMAKE_BINARY_DIR} ${CMAKE_BINARY_DIR}/include)
target_include_directories(seq-mlir INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR})
separate_arguments(SEQ_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_options(seq-mlir INTERFACE ${SEQ_LLVM_DEFINITIONS} -fno-rtti)
target_link_libraries(seq-mlir INTERFACE MLIR LLVM)

# One precompiled header for all of them: 7 s become 1.5 s a source file.
add_library(seq-pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
target_link_libraries(seq-pch PUBLIC seq-mlir)
target_precompile_headers(seq-pch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.h)

# seq_library(NAME sources... DEPENDS targets... LINK libraries...)
# A static library of one layer.
function(seq_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC seq-mlir ${ARG_LINK})
  target_precompile_headers(${name} REUSE_FROM seq-pch)
  add_dependencies(${name} seq-tablegen ${ARG_DEPENDS})
endfunction()

# All generated headers; each dialect and pass folder adds its own.
add_custom_target(seq-tablegen)

# seq_tablegen(FILE.td OUTPUT ARGS...): FILE's output as OUTPUT in the build
# folder that mirrors the current source folder.
function(seq_tablegen td output)
  set(LLVM_TARGET_DEFINITIONS ${td})
  mlir_tablegen(${output} ${ARGN} -I${MLIR_INCLUDE_DIRS} -I${CMAKE_SOURCE_DIR} -I${CMAKE_SOURCE_DIR}/include)
  string(MAKE_C_IDENTIFIER "tblgen-${CMAKE_CURRENT_BINARY_DIR}-${output}" target)
  add_custom_target(${target} DEPENDS ${CMAKE_CURRENT_BINARY_DIR}/${output})
  add_dependencies(seq-tablegen ${target})
endfunction()
