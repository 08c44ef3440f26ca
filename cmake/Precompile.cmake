# tachikoma_precompile(<target>): compiles the headers that every file of the target reads once for all of them.
# Release builds only: a newcomer waits for those, and the others keep watching that each file includes what it uses.
function(tachikoma_precompile target)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_precompile_headers(${target} PRIVATE
      <algorithm> <array> <chrono> <functional> <map> <memory> <mutex> <optional> <string> <string_view> <utility>
      <vector> <tachikoma/plugin/plugin.hpp>)
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)  # ccache needs it
  endif()
endfunction()
