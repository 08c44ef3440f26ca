// SPDX-License-Identifier: MIT
// The programs in examples/, built as a stranger would: against the installed package.
#include <filesystem>

#include "readme/installation.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma::testing;

namespace {

void check(const Finished& finished) {
  INFO(finished.out << finished.err);
  REQUIRE(finished.exit_code == 0);
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++found;
  return found;
}

// A folder with all of them, built once.
const TempDir& built_examples() {
  static const TempDir folder;
  static const bool built = [] {
    check(run(installed({"cmake", "-S", TACHIKOMA_SOURCE_DIR "/examples", "-B", "build"}, folder)));
    check(run(installed({"cmake", "--build", "build"}, folder)));
    return true;
  }();
  REQUIRE(built);
  return folder;
}

}  // namespace

TEST_CASE("the examples build against the install, and switch between models of two providers", "[readme]") {
  const TempDir& folder = built_examples();
  const Simulator first, second;
  const std::string log = (folder.path() / "events.jsonl").string();
  const std::string config = folder.write(
      "tachikoma.yaml", "providers:\n  lmstudio: {plugin: lmstudio, base_url: \"" + first.base_url() +
                            "\"}\n  other: {plugin: openai, base_url: \"" + second.base_url() +
                            "/v1\"}\nmonitors:\n  log: {plugin: echo, settings: {file: \"" + log + "\"}}\n");
  check(run(installed({"build/switch_models", config, "lmstudio::openai/gpt-oss-20b", "other::mistral-7b",
                       "lmstudio::mistral-7b"},
                      folder)));
  const std::string events = read_file(log);
  CHECK(count(events, "\"finished\"") == 3);
  CHECK(count(events, "\"other\"") == 3);  // started, first token, finished
}

TEST_CASE("the example of a batch answers each line, in their order", "[readme]") {
  const Simulator simulator(
      "replies:\n  - {when: {contains: one}, text: first}\n"
      "  - {when: {contains: two}, text: second}\n");
  const std::string config =
      built_examples().write("batch.yaml", "providers:\n  lmstudio: {plugin: lmstudio, base_url: \"" +
                                               simulator.base_url() + "\"}\n");
  Command command = installed({"build/batch", config, "mistral-7b"}, built_examples());
  command.input = "one\ntwo\n";
  const Finished answered = run(command);
  check(answered);
  CHECK(answered.out == "first\nsecond\n");
}

TEST_CASE("the example of monitoring tells what each answer has used, and all of them", "[readme]") {
  const Simulator simulator("replies:\n  - {chunks: [one, \" two\", \" three\"]}\n");
  const std::string config =
      built_examples().write("monitoring.yaml", "providers:\n  lmstudio: {plugin: lmstudio, base_url: \"" +
                                                    simulator.base_url() + "\"}\n");
  Command command = installed({"build/monitoring", config, "mistral-7b"}, built_examples());
  command.input = "Hi there\nHow are you?\n";
  const Finished answered = run(command);
  check(answered);
  CHECK(answered.out == "one two three\none two three\n");
  CHECK(count(answered.err, "mistral-7b: finished after ") == 2);
  CHECK(count(answered.err, "6 prompt tokens, 3 completion tokens") == 1);
  CHECK(count(answered.err, "all: 2 requests, ") == 1);
  CHECK(count(answered.err, "\nlmstudio::mistral-7b: 2 requests, ") == 1);
}

TEST_CASE("the example of a chat goes on where it ended", "[readme]") {
  const Simulator simulator;
  const std::string config =
      built_examples().write("chat.yaml", "providers:\n  lmstudio: {plugin: lmstudio, base_url: \"" +
                                              simulator.base_url() + "\"}\n");
  const auto chat = [&](std::string input) {
    Command command = installed({"build/chat", config, "mistral-7b", "talk.jsonl"}, built_examples());
    command.input = std::move(input);
    return run(command);
  };
  const auto messages_sent = [&] {
    std::size_t last = 0;
    const tachikoma::Value state = simulator.state();
    for (const tachikoma::Value& request : state["requests"].elements())
      if (request["path"].as_string().ends_with("/chat/completions"))
        last = request["body"]["messages"].elements().size();
    return last;
  };
  check(chat("What is a plugin?\nWhat is a provider?\n"));
  CHECK(messages_sent() == 4);
  check(chat("And what is a monitor?\n"));
  CHECK(messages_sent() == 6);
  check(chat("/reset\nHello\n"));
  CHECK(messages_sent() == 2);
}

TEST_CASE("the example of a chat with two models asks both, and remembers one", "[readme]") {
  const Simulator simulator;
  const std::string config = built_examples().write(
      "two.yaml", "providers:\n  lmstudio: {plugin: lmstudio, base_url: \"" + simulator.base_url() + "\"}\n");
  Command command =
      installed({"build/multi_model_chat", config, "mistral-7b", "gpt-oss-120b"}, built_examples());
  command.input = "What's 2+2?\nExplain quantum entanglement in a few words, please\n";
  const Finished chat = run(command);
  check(chat);
  CHECK(count(chat.out, "mistral-7b: ") == 2);
  CHECK(count(chat.out, "openai/gpt-oss-120b: ") == 2);
  CHECK(chat.out.find("mistral-7b: ") == 0);
  CHECK(count(chat.out, "\n4 messages\n") == 1);
}

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
