# tachikoma_precompile(<target> [<header>...]): compiles what every file of the target reads once for all of them: headers
# of the standard library, and these, or without any those of plugins.
# Release builds only: a newcomer waits for those, and the others keep watching that each file includes what it uses.
function(tachikoma_precompile target)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(own ${ARGN})
    if(NOT own)
      set(own <tachikoma/plugin/plugin.hpp>)
    endif()
    target_precompile_headers(${target} PRIVATE
      <algorithm> <array> <chrono> <functional> <map> <memory> <mutex> <optional> <string> <string_view> <utility>
      <vector> ${own})
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)  # ccache needs it
  endif()
endfunction()
