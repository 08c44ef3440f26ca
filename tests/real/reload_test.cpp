// SPDX-License-Identifier: MIT
// A changed file, and the llama.cpp servers that a runtime has started by it.
#include <chrono>
#include <string>

#include "real/launched_world.hpp"
#include "support/catch.hpp"
#include "support/wait.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("a reload leaves the servers alone whose models it does not change", "[real][reload]") {
  const LaunchedWorld world({talkative("alpha"), talkative("beta")});
  const auto with = [&](const std::string& alpha, const std::string& beta) {
    return world.text + "models:\n  one: {provider: local, key: alpha, " + alpha +
           "}\n  two: {provider: local, key: beta, " + beta + "}\n";
  };
  const auto write = [&](const std::string& config) { world.folder.write("tachikoma.yaml", config); };
  write(with("context_length: 512", "context_length: 512"));
  Runtime runtime = Runtime::open({.file = world.config, .log = [](auto&&...) {}}).value();
  const auto ask = [&](const std::string& model) {
    return runtime.generate_text(
        {.model = model, .messages = {user("Hello")}, .settings = {.max_tokens = 4}});
  };
  const auto server_of = [&](const std::string& model) {
    for (const pid_t pid : world.servers())
      if (value_after(command_line(pid), "--alias") == model) return pid;
    return pid_t{0};
  };
  REQUIRE(ask("one"));
  REQUIRE(ask("two"));
  const pid_t alpha = server_of("alpha"), beta = server_of("beta");
  REQUIRE(alpha != 0);
  REQUIRE(beta != 0);

  write(with("context_length: 512, temperature: 0.5", "context_length: 768"));
  const Reload reload = runtime.reload().value();
  REQUIRE(reload.unloads.size() == 1);
  CHECK(reload.unloads.front().key == "beta");
  REQUIRE(comes_true(std::chrono::seconds(30), [&] { return is_gone(beta); }));
  CHECK(ask("one"));
  CHECK(server_of("alpha") == alpha);
  CHECK(ask("two"));
  CHECK(runtime.model_status("two").value().context_length.value == 768);

  write("providers: {echo: {}}\n");
  CHECK(runtime.reload().value().unloads.size() == 2);
  CHECK(comes_true(std::chrono::seconds(30), [&] { return world.servers().empty(); }));
}
