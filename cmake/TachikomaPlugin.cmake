# tachikoma_add_plugin(<name> PROVIDES <kind:id>... SOURCES <file>...
#                      [VERSION <v>] [DESCRIPTION <text>] [CONFIG_SCHEMA <kind:id>=<file>...] [TARGET <target>])
#
# Builds a plugin that `tachikoma` can load: <name>.so, with every flag that the loader relies on, and with the
# identity note that it reads before any code of the plugin runs.
#   PROVIDES       what the entry registers, all of it: provider:mine tool:clock
#   CONFIG_SCHEMA  a JSON Schema for the settings of a component; without one it takes no settings
#   VERSION        default: the version of the project that calls
#   TARGET         the name of the target, where that of the plugin is too common; default: the same
function(tachikoma_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "VERSION;DESCRIPTION;TARGET" "PROVIDES;SOURCES;CONFIG_SCHEMA")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "tachikoma_add_plugin(${name}): unknown argument '${arg_UNPARSED_ARGUMENTS}'")
  endif()
  foreach(required PROVIDES SOURCES)
    if(NOT arg_${required})
      message(FATAL_ERROR "tachikoma_add_plugin(${name}): ${required} is missing")
    endif()
  endforeach()
  if(NOT arg_VERSION)
    set(arg_VERSION "${PROJECT_VERSION}")
  endif()
  foreach(component IN LISTS arg_PROVIDES)
    if(NOT component MATCHES "^(provider|tool|monitor):[a-z0-9_-]+$")
      message(FATAL_ERROR "tachikoma_add_plugin(${name}): '${component}' is no component; "
                          "write provider:, tool: or monitor: and an id of a-z, 0-9, - and _")
    endif()
  endforeach()

  set(schemas "")
  foreach(pair IN LISTS arg_CONFIG_SCHEMA)
    if(NOT pair MATCHES "^([^=]+)=(.+)$")
      message(FATAL_ERROR "tachikoma_add_plugin(${name}): CONFIG_SCHEMA '${pair}' is not <kind:id>=<file>")
    endif()
    set(component "${CMAKE_MATCH_1}")
    cmake_path(ABSOLUTE_PATH CMAKE_MATCH_2 BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" OUTPUT_VARIABLE file)
    file(READ "${file}" schema)
    string(JSON type ERROR_VARIABLE invalid TYPE "${schema}")
    if(invalid OR NOT type STREQUAL "OBJECT")
      message(FATAL_ERROR "tachikoma_add_plugin(${name}): ${file} is not a JSON object")
    endif()
    if(NOT schemas STREQUAL "")
      string(APPEND schemas ",")
    endif()
    string(APPEND schemas "\"${component}\":${schema}")  # no list: a schema may have a semicolon
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
  endforeach()
  list(JOIN arg_PROVIDES "\",\"" provides)

  set(generated "${CMAKE_CURRENT_BINARY_DIR}/${name}")
  file(CONFIGURE OUTPUT "${generated}_note.cpp" @ONLY CONTENT
[==[#include "tachikoma/plugin/note.hpp"
TACHIKOMA_PLUGIN_NOTE(R"~json~({"name":"@name@","version":"@arg_VERSION@","description":"@arg_DESCRIPTION@","provides":["@provides@"],"config_schema":{@schemas@},"built_with":"@CMAKE_CXX_COMPILER_ID@ @CMAKE_CXX_COMPILER_VERSION@"})~json~");
]==])
  # one exported symbol: weak exports bind other libraries to the plugin, and then it is never unmapped
  file(CONFIGURE OUTPUT "${generated}.map" CONTENT "{ global: tachikoma_plugin_entry_0; local: *; };\n")

  if(NOT arg_TARGET)
    set(arg_TARGET ${name})
  endif()
  add_library(${arg_TARGET} MODULE ${arg_SOURCES} "${generated}_note.cpp")
  target_link_libraries(${arg_TARGET} PRIVATE tachikoma::plugin)
  set_target_properties(${arg_TARGET} PROPERTIES
    PREFIX ""
    OUTPUT_NAME ${name}
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS "${generated}.map")
  if(TACHIKOMA_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${arg_TARGET} PROPERTIES LIBRARY_OUTPUT_DIRECTORY "${TACHIKOMA_PLUGIN_OUTPUT_DIRECTORY}")
  endif()
  # GNU unique symbols make a library permanent and merge inline statics of different plugins
  target_compile_options(${arg_TARGET} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)
  # eager binding and no undefined symbols: what is missing shows at build time or at load, never in mid-call
  target_link_options(${arg_TARGET} PRIVATE "LINKER:--version-script=${generated}.map" LINKER:-z,now LINKER:-z,relro)
  if(NOT TACHIKOMA_SANITIZE)  # a sanitizer's runtime comes from the program
    target_link_options(${arg_TARGET} PRIVATE LINKER:-z,defs)
  endif()
endfunction()
