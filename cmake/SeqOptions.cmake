# Build speed and strictness, the same for every target.

find_program(SEQ_CCACHE ccache)
if(SEQ_CCACHE)
  # ccache takes precompiled headers only where it may overlook __DATE__ and the like,
  # and where the header's contents do not depend on when it was made.
  set(SEQ_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${SEQ_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${SEQ_LAUNCHER})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${SEQ_LAUNCHER})
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
endif()

add_link_options(-fuse-ld=lld)
add_compile_options(-Wall -Wextra -Werror)

if(SEQ_SANITIZER)
  add_compile_options(-fsanitize=${SEQ_SANITIZER} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SEQ_SANITIZER})
  if(SEQ_SANITIZER STREQUAL "undefined")
    # MLIR's own headers cast through vtables that the packaged libraries,
    # built without RTTI, do not describe.
    add_compile_options(-fno-sanitize=vptr,function -fno-sanitize-recover=all)
  endif()
endif()
