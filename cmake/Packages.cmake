# Debian packages: `cpack --config build/release/CPackConfig.cmake`, once everything is built. One for each component:
#   libtachikoma<version>  library       libtachikoma-dev  development       tachikoma  programs
set(soname "${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tachikoma)
set(CPACK_PACKAGE_CONTACT "The Tachikoma for C++ authors <tachikoma@users.noreply.github.com>")
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL library development programs)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(package_version "${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}")
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/lib" "${TACHIKOMA_PLUGIN_OUTPUT_DIRECTORY}")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME "libtachikoma${soname}")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/packaging/triggers")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_RECOMMENDS libsqlite3-0)  # opened by those who use a log or a cache
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "Generates, streams, calls tools, loads and switches models on LM Studio,
llama.cpp and any server with OpenAI's protocol. This is the library and the
providers, tools and monitors that it loads.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libtachikoma-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libtachikoma${soname} (= ${package_version})")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "libyaml-cpp-dev, libre2-dev")  # for the static library
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_RECOMMENDS "tachikoma, libsimdjson-dev, catch2, cmake, g++")  # for plugins and their tests
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Headers for applications and for plugins, the static library, and what CMake
and pkg-config find them by.")

set(CPACK_DEBIAN_PROGRAMS_PACKAGE_NAME tachikoma)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_RECOMMENDS "curl, libedit2")  # opened, or run, by those who chat on a terminal or name a URL
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_DEPENDS "libtachikoma${soname} (= ${package_version})")
set(CPACK_COMPONENT_PROGRAMS_DESCRIPTION "Asks, chats, embeds, loads and switches models on LM Studio, llama.cpp and any
server with OpenAI's protocol, and finds out what is wrong with them. With it
comes lmstudio-sim, a stand-in for LM Studio that needs no model.")

# what Debian wants of every package
string(TIMESTAMP today "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/changelog.Debian" @ONLY CONTENT
[==[tachikoma (@package_version@) unstable; urgency=medium

  * What has changed is in changelog.gz.

 -- @CPACK_PACKAGE_CONTACT@  @today@
]==])
tachikoma_compress(changes "${PROJECT_SOURCE_DIR}/CHANGELOG.md" changelog)
tachikoma_compress(packaged "${PROJECT_BINARY_DIR}/changelog.Debian" changelog.Debian)
add_custom_target(changelogs ALL DEPENDS "${changes}" "${packaged}")
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER "${component}" upper)
  install(FILES packaging/copyright "${changes}" "${packaged}" COMPONENT ${component}
    DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME}" EXCLUDE_FROM_ALL)
endforeach()
include(CPack)
