# Unity builds (the presets but `dev` and `clang`): several sources are compiled as one, so that what they include is read once.
# Names that a file keeps to itself must therefore be its own in the whole unit. `dev` and `clang` compile each file alone, and so
# keep watching that it includes what it uses.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 0)  # a target without rooms is one unit

# tachikoma_unite_rooms(<target> [<room>[+<room>...]]...): each room, a folder below the target's own, is a unit; rooms that are
# joined by a plus share one.
function(tachikoma_unite_rooms target)
  get_target_property(folder ${target} SOURCE_DIR)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${folder}")
    cmake_path(GET source PARENT_PATH unit)
    cmake_path(RELATIVE_PATH unit BASE_DIRECTORY "${folder}")
    foreach(rooms IN LISTS ARGN)
      if("+${rooms}+" MATCHES "[+]${unit}[+]")
        string(REGEX MATCH "^[^+]*" unit "${rooms}")
      endif()
    endforeach()
    string(MAKE_C_IDENTIFIER "${unit}" unit)
    set_source_files_properties("${source}" TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP "${unit}")
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
endfunction()
