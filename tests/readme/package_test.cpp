// SPDX-License-Identifier: MIT
// The installed package, as a stranger's project finds it.
#include "readme/installation.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma::testing;

TEST_CASE("a stranger's program gets no include folder but ours from the package", "[readme]") {
  const TempDir folder;
  folder.write("CMakeLists.txt",
               "cmake_minimum_required(VERSION 3.25)\nproject(stranger LANGUAGES CXX)\n"
               "find_package(tachikoma REQUIRED)\nadd_executable(stranger main.cpp)\n"
               "target_link_libraries(stranger PRIVATE tachikoma::tachikoma)\n"
               "set(CMAKE_EXPORT_COMPILE_COMMANDS ON)\n"
               "file(GENERATE OUTPUT includes.txt CONTENT "
               "\"$<REMOVE_DUPLICATES:$<TARGET_PROPERTY:stranger,INCLUDE_DIRECTORIES>>\")\n");
  folder.write("main.cpp", "#include <tachikoma/tachikoma.hpp>\nint main() {}\n");
  check(run(installed({"cmake", "-S", ".", "-B", "build"}, folder)));
  CHECK(read_file(folder.path() / "build/includes.txt") == installed_prefix() + "/include");
}

TEST_CASE("a program built against an install under another prefix finds the plugins that came with it",
          "[readme]") {
  const TempDir folder;
  folder.write("CMakeLists.txt",
               "cmake_minimum_required(VERSION 3.25)\nproject(stranger LANGUAGES CXX)\n"
               "find_package(tachikoma REQUIRED)\nadd_library(inner STATIC inner.cpp)\n"
               "target_link_libraries(inner PUBLIC tachikoma::tachikoma)\nadd_executable(stranger main.cpp)\n"
               "target_link_libraries(stranger PRIVATE inner)\n"
               "target_compile_options(stranger PRIVATE -Wall -Wextra -Wmissing-declarations -Werror)\n");
  folder.write("inner.cpp", "int inner() { return 0; }\n");
  folder.write("main.cpp",
               "#include <iostream>\n#include <tachikoma/tachikoma.hpp>\nint main() {\n"
               "  tachikoma::PluginRegistry plugins;\n"
               "  std::cout << plugins.find_component(\"provider\", \"echo\").value().file;\n}\n");
  check(run(installed({"cmake", "-S", ".", "-B", "build"}, folder)));
  check(run(installed({"cmake", "--build", "build"}, folder)));
  const Finished found = run(installed({"build/stranger"}, folder));
  check(found);
  CHECK(found.out.starts_with(installed_prefix()));
  CHECK(found.out.ends_with("/tachikoma/plugins/abi0/echo.so"));
}

TEST_CASE("a project that includes this one gets the library and the plugins, under names of their own",
          "[readme]") {
  const TempDir folder;
  folder.write(
      "CMakeLists.txt",
      "cmake_minimum_required(VERSION 3.25)\nproject(stranger LANGUAGES CXX)\n"
      "foreach(name echo openai lmstudio llamacpp base kit plugin quick unit)\n"
      "  add_custom_target(${name})\nendforeach()\n"
      "add_subdirectory(\"" +
          fresh_clone() +
          "\" tachikoma)\n"
          "foreach(name tachikoma_cli lmstudio-sim tachikoma_test_unit)\n"
          "  if(TARGET ${name})\n    message(FATAL_ERROR \"${name} is built\")\n  endif()\nendforeach()\n"
          "foreach(name tachikoma::tachikoma tachikoma::plugin tachikoma_plugin_echo)\n"
          "  if(NOT TARGET ${name})\n    message(FATAL_ERROR \"no ${name}\")\n  endif()\nendforeach()\n"
          "get_property(definitions SOURCE " +
          fresh_clone() +
          "/framework/src/plugins/discovery.cpp TARGET_DIRECTORY tachikoma PROPERTY COMPILE_DEFINITIONS)\n"
          "if(NOT \"TACHIKOMA_BUILD_FOLDER=\\\"${CMAKE_BINARY_DIR}\\\"\" IN_LIST definitions)\n"
          "  message(FATAL_ERROR \"its programs don't look into its build: ${definitions}\")\nendif()\n");
  check(run(installed({"cmake", "-S", ".", "-B", "build"}, folder)));
}

TEST_CASE("a plugin's project needs no library that the host uses", "[readme]") {
  const TempDir folder;
  folder.write("CMakeLists.txt",
               "cmake_minimum_required(VERSION 3.25)\nproject(stranger LANGUAGES CXX)\n"
               "find_package(tachikoma REQUIRED COMPONENTS plugin)\n"
               "if(TARGET yaml-cpp OR TARGET simdjson::simdjson OR TARGET tachikoma::tachikoma)\n"
               "  message(FATAL_ERROR \"more than the headers was found\")\nendif()\n");
  check(run(installed({"cmake", "-S", ".", "-B", "build"}, folder)));
}
