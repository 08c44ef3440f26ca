// SPDX-License-Identifier: MIT
#include <memory>
#include <thread>

#include "plugin_support.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

[[maybe_unused]] bool is_mapped(const std::string& file) {
  return read_file("/proc/self/maps").find(file) != std::string::npos;
}

ChatRequest text_of_user(std::string text) {
  return {.model = "echo-small", .messages = {{.role = Role::user, .text = std::move(text)}}};
}

}  // namespace

TEST_CASE("a lease outlives the registry that made it", "[plugins]") {
  std::shared_ptr<Provider> provider;
  {
    PluginRegistry registry({built_plugins()}, nullptr);
    provider = registry.make_provider("echo", {}, "mine").value();
  }
  Collector sink;
  CHECK(chat(*provider, text_of_user("still here"), sink));
  CHECK(sink.text == "still here");
}

TEST_CASE("a plugin leaves memory when the registry and the last lease are gone", "[plugins]") {
  const TempDir dir;
  const std::string file = dir.write("echo.so", read_file(built_plugins() + "/echo.so"));
  auto registry = std::make_unique<PluginRegistry>(std::vector<std::string>{}, nullptr);
  registry->load(file).value();
  auto provider = registry->make_provider("echo", {}, "mine").value();
  CHECK(chat(*provider, text_of_user("hello")));
  registry.reset();
  CHECK(is_mapped(file));
  provider.reset();
#if !defined(__SANITIZE_ADDRESS__)  // LeakSanitizer can't name the frames of a library that is gone
  CHECK_FALSE(is_mapped(file));
#endif
}

TEST_CASE("two registries in one process do not know of each other", "[plugins]") {
  PluginRegistry first({built_plugins()}, nullptr);
  PluginRegistry second({built_plugins()}, nullptr);
  first.load("echo").value();
  CHECK(first.find("echo").value().loaded);
  CHECK_FALSE(second.find("echo").value().loaded);
}

TEST_CASE("several threads may load, make and call at once", "[plugins]") {
  PluginRegistry registry({built_plugins()}, nullptr);
  std::vector<std::thread> threads;
  std::vector<std::string> answers(4);
  for (std::string& answer : answers)
    threads.emplace_back([&registry, &answer] {
      for (int i = 0; i < 20; ++i) {
        auto provider = registry.make_provider("echo", {}, "mine").value();
        Collector sink;
        chat(*provider, text_of_user("one two three"), sink).value();
        answer = sink.text;
        registry.scan();
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& answer : answers) CHECK(answer == "one two three");
}

TEST_CASE("one provider may be called by several threads at once", "[plugins]") {
  PluginRegistry registry({bad_plugin("throws_int")}, nullptr);
  registry.load(bad_plugin("throws_int")).value();
  auto provider = registry.make_provider("throws-int", {}, "mine").value();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&provider] {
      for (int j = 0; j < 50; ++j) (void)chat(*provider, text_of_user("x"));
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(chat(*provider, text_of_user("x")).error().detail["count"].as_integer() == 201);
}
