// SPDX-License-Identifier: MIT
// What can go wrong with servers that are started here, each with a real one; and that nothing is left of
// them.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "real/cli.hpp"
#include "real/launched_world.hpp"
#include "support/catch.hpp"
#include "support/resources.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

TEST_CASE("A server that is killed in mid-answer is a lost model, and the next call loads it anew",
          "[real][llamacpp]") {
  const LaunchedWorld world({tireless("alpha")});
  Runtime runtime = world.open();
  const Result<Reply> lost = runtime.stream_text(
      {.messages = {user("Hello")}, .settings = {.max_tokens = 30000}}, [&](const Delta&) {
        for (const pid_t pid : world.servers()) ::kill(pid, SIGKILL);
        return Flow::proceed;
      });
  CHECK(lost.error().code == ErrorCode::model_lost);
  Result<Reply> again = runtime.generate_text({.messages = {user("Hello")}});
  CHECK(comes_true(20s,
                   [&] { return again || (again = runtime.generate_text({.messages = {user("Hello")}})); }));
}

TEST_CASE("No server outlives a program that is killed", "[real][llamacpp]") {
  const LaunchedWorld world({tireless("alpha")});
  Process asking(cli(world.config, {"ask", "--max-tokens", "30000", "Hello"}));
  asking.close_input();
  REQUIRE(comes_true(30s, [&] { return !world.servers().empty(); }));
  const std::vector<pid_t> pids = world.servers();
  asking.signal(SIGKILL);
  for (const pid_t pid : pids) CHECK(comes_true(2s, [&] { return is_gone(pid); }));
}

TEST_CASE("Each reason why a model can't be loaded is its own error", "[real][llamacpp]") {
  const LaunchedWorld world;
  std::filesystem::copy_file(world.file("alpha"), world.file("cut"));
  std::filesystem::resize_file(world.file("cut"), std::filesystem::file_size(world.file("cut")) / 2);
  world.folder.write("models/text.gguf", "no model at all");
  Runtime runtime = world.open();
  CHECK(runtime.load_model("cut").error().code == ErrorCode::invalid_argument);
  CHECK(runtime.load_model("text").error().code == ErrorCode::unsupported);
  CHECK(runtime.load_model("alpha", {.experts = 4}).error().code == ErrorCode::invalid_argument);
  CHECK(runtime.load_model("alpha", {.cache_type_k = "q8_0"}).error().code == ErrorCode::invalid_argument);
  const LaunchedWorld small(
      {{"alpha"}},
      world.folder.write("limited", "#!/bin/sh\nulimit -v 3000000\nexec '" +
                                        std::string(std::getenv("LLAMA_SERVER")) + "' \"$@\"\n"));
  std::filesystem::permissions(world.folder.path() / "limited", std::filesystem::perms::owner_all);
  Runtime limited = small.open();
  const Result<LoadedModel> too_large =
      limited.load_model("alpha", {.context_length = 8'000'000, .extra = Value::object({{"fit", "off"}})});
  CHECK(too_large.error().code == ErrorCode::insufficient_memory);
  const LaunchedWorld other({{"alpha"}}, "/bin/true");
  Runtime wrong = other.open();
  CHECK(wrong.load_model("alpha").error().code == ErrorCode::config_invalid);
  CHECK_THAT(wrong.load_model("alpha").error().message, ContainsSubstring("'/bin/true' is no llama-server"));
}

TEST_CASE("Two hundred loads leave no process, no descriptor, no thread and no file", "[real][llamacpp]") {
  const LaunchedWorld world({{"alpha"}});
  Runtime runtime = world.open();
  REQUIRE(runtime.load_model("alpha"));
  REQUIRE(runtime.unload_model("alpha"));
  const Resources before;
  for (int i = 0; i < 200; ++i) {
    REQUIRE(runtime.load_model("alpha", {.extra = Value::object({{"no-warmup", true}})}));
    REQUIRE(runtime.unload_model("alpha"));
  }
  CHECK(world.servers().empty());
  CHECK(Resources::settled(before) == before);
}
