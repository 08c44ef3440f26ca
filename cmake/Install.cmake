# `cmake --install`: headers, libraries, plugins, tools, and what finds them. Components, which are packages of Debian's:
#   library      the shared library, and the plugins that it loads
#   development  headers, the static libraries, the CMake package, pkg-config's file
#   programs     the command line and the simulator
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/tachikoma")
set(TACHIKOMA_INSTALL_PLUGIN_DIR "${CMAKE_INSTALL_LIBDIR}/tachikoma/plugins/abi0")

install(DIRECTORY framework/include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development
  FILES_MATCHING PATTERN "*.hpp")
install(FILES "${PROJECT_BINARY_DIR}/include/tachikoma/version.hpp"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/tachikoma" COMPONENT development)

install(TARGETS tachikoma_plugin_headers EXPORT plugin-targets)
set_target_properties(tachikoma PROPERTIES EXPORT_NAME static)
set_target_properties(tachikoma_base PROPERTIES EXPORT_NAME base)
set_target_properties(tachikoma_kit PROPERTIES EXPORT_NAME provider_kit)
foreach(pair base:tachikoma_base static:tachikoma provider-kit:tachikoma_kit)
  string(REPLACE ":" ";" pair "${pair}")
  list(GET pair 0 set)
  list(GET pair 1 target)
  install(TARGETS ${target} EXPORT ${set}-targets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
endforeach()
set(exports plugin base static provider-kit)
if(TARGET tachikoma_shared)
  install(TARGETS tachikoma_shared EXPORT host-targets
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library NAMELINK_COMPONENT development)
  set_target_properties(tachikoma_testing PROPERTIES EXPORT_NAME testing)
  install(TARGETS tachikoma_testing EXPORT testing-targets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
  list(APPEND exports host testing)
endif()
foreach(set IN LISTS exports)
  install(EXPORT ${set}-targets FILE tachikoma-${set}-targets.cmake NAMESPACE tachikoma::
    DESTINATION "${package_dir}" COMPONENT development)
endforeach()

configure_package_config_file(cmake/tachikoma-config.cmake.in "${PROJECT_BINARY_DIR}/tachikoma-config.cmake"
  INSTALL_DESTINATION "${package_dir}"
  PATH_VARS TACHIKOMA_INSTALL_PLUGIN_DIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/tachikoma-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/tachikoma-config.cmake"
  "${PROJECT_BINARY_DIR}/tachikoma-config-version.cmake"
  cmake/TachikomaPlugin.cmake
  DESTINATION "${package_dir}" COMPONENT development)

# the prefix is where the file is found, so that the tree can be moved
file(RELATIVE_PATH TACHIKOMA_PREFIX_FROM_PKGCONFIG "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file(cmake/tachikoma.pc.in "${PROJECT_BINARY_DIR}/tachikoma.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/tachikoma.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT development)

# every plugin of the plugins folder, and every program of the tools folder
function(install_targets_below folder type)
  get_property(below DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
  foreach(directory IN LISTS below)
    get_property(targets DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target IN LISTS targets)
      get_target_property(target_type ${target} TYPE)
      if(target_type STREQUAL type)
        install(TARGETS ${target} ${ARGN})
      endif()
    endforeach()
  endforeach()
endfunction()
install_targets_below("${PROJECT_SOURCE_DIR}/plugins" MODULE_LIBRARY
  LIBRARY DESTINATION "${TACHIKOMA_INSTALL_PLUGIN_DIR}" COMPONENT library)
install(TARGETS tachikoma-keeper RUNTIME DESTINATION "${TACHIKOMA_INSTALL_PLUGIN_DIR}" COMPONENT library)
if(TACHIKOMA_TOOLS)
  install_targets_below("${PROJECT_SOURCE_DIR}/tools" EXECUTABLE
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT programs)
endif()

# Services for those who want them to run for good, and the example of a load balancer
install(FILES packaging/tachikoma-worker@.service DESTINATION lib/systemd/system COMPONENT programs)
install(FILES packaging/tachikoma-engine@.service DESTINATION lib/systemd/user COMPONENT programs)
install(FILES packaging/haproxy.cfg DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/tachikoma/examples" COMPONENT programs)
