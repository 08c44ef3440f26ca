# Warning and sanitizer flags of our own targets, in one place; none of them reaches an installed target.
# from -O2 on, g++ 12 sees overlaps and overflows in strings that are not there (GCC bug 105651), and strings that a conditional
# expression left uninitialised
set(TACHIKOMA_NO_FALSE_ALARMS
  "$<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-stringop-overflow;-Wno-array-bounds;-Wno-maybe-uninitialized>")
add_library(tachikoma_warnings INTERFACE)
target_compile_options(tachikoma_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  # g++ wants a value for every field of a designated initialiser; ours have defaults
  -Wno-missing-field-initializers
  "$<$<CONFIG:Release>:${TACHIKOMA_NO_FALSE_ALARMS}>"
  # in a unity build every source is an included file, and g++ takes what it keeps to itself for a header's
  "$<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>"
  $<$<BOOL:${TACHIKOMA_WARNINGS_AS_ERRORS}>:-Werror>)

if(TACHIKOMA_SANITIZE)
  # a report ends the program, so that no test passes over it
  add_compile_options(-fsanitize=${TACHIKOMA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    # clang 14 has no place in coroutines for the data that this check looks at
    $<$<CXX_COMPILER_ID:Clang>:-fno-sanitize=function>)
  add_link_options(-fsanitize=${TACHIKOMA_SANITIZE})
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  # some optimisation: sanitizer runs and the inner loop are several times faster than at -O0; -g1: traces keep their lines.
  # What sanitizers add takes g++ a third less to compile at -Og than at -O1, and runs as fast.
  set(debug_level -O1)
  if(TACHIKOMA_SANITIZE)
    set(debug_level -Og)
  endif()
  string(REPLACE "-g" "${debug_level} -g1" CMAKE_CXX_FLAGS_DEBUG "${CMAKE_CXX_FLAGS_DEBUG}")
endif()
