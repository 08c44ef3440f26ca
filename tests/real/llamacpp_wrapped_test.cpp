// SPDX-License-Identifier: MIT
// A real llama-server behind a script: the program `llama`, one whose log says nothing, one that is moved.
#include <string>

#include "real/launched_world.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("A server that does not say that it listens is used once it does", "[real][llamacpp][wrapped]") {
  const LaunchedWorld world({{"alpha"}});
  Runtime runtime =
      world.open({.server = world.script("quiet", "#!/bin/sh\n'{real}' \"$@\" 2>&1 | grep -v listening\n")});
  const Result<LoadedModel> loaded = runtime.load_model("alpha");
  INFO((loaded ? "" : loaded.error().message));
  REQUIRE(loaded);
  CHECK(runtime.generate_text({.messages = {user("Hello")}}));
}

TEST_CASE("The program llama serves models", "[real][llamacpp][wrapped]") {
  const LaunchedWorld world({{"alpha"}});
  Runtime runtime = world.open(
      {.server = world.script("llama",
                              "#!/bin/sh\nif [ \"$1\" != serve ]; then echo \"error: unknown command '$1'\"; "
                              "exit 1; fi\nshift\nexec '{real}' \"$@\"\n")});
  CHECK(runtime.load_model("alpha"));
  CHECK(runtime.generate_text({.messages = {user("Hello")}}));
}

TEST_CASE("A server that a script moves to another port is not waited for", "[real][llamacpp][wrapped]") {
  const LaunchedWorld world({{"alpha"}});
  Runtime runtime = world.open(
      {.server = world.script("moved",
                              "#!/bin/sh\ncase \"$*\" in *--alias*) exec '{real}' \"$@\" --port 0;; esac\n"
                              "exec '{real}' \"$@\"\n")});
  const Error error = runtime.load_model("alpha").error();
  CHECK(error.code == ErrorCode::config_invalid);
  CHECK_THAT(error.message, StartsWith("'alpha' can't be used: its llama-server was started with --port "));
  CHECK_FALSE(error.hint.empty());
  CHECK(world.servers().empty());
}
