// SPDX-License-Identifier: MIT
// The llamacpp plugin with a llama.cpp server that somebody else runs, which has one model.
#include <string>
#include <vector>

#include "real/cli.hpp"
#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

Runtime open(const std::string& config) {
  return Runtime::open(config, [](Severity, std::string_view, std::string_view) {}).value();
}

std::string base_url(const LlamaServer& server) { return "base_url: '" + server.url() + "'"; }

// What the command line says, with the server's address taken out.
std::string said(const std::string& config, const std::vector<std::string>& words, const std::string& url) {
  const Finished finished = run(cli(config, words));
  std::string line = "$ tachikoma";
  for (const std::string& word : words) line += ' ' + word;
  return line + '\n' + replace_all(finished.out + finished.err, url, "URL") + "exit " +
         std::to_string(finished.exit_code) + "\n\n";
}

}  // namespace

TEST_CASE("A llama.cpp server that runs already is used by its URL, and tells how it does",
          "[real][llamacpp]") {
  const LlamaServer server =
      LlamaServer::with_model({"caller", {"--calls-tools"}}, {"--metrics", "--api-key", "secret"});
  const TempDir folder;
  const std::string config = attached_config(folder, base_url(server) + ", api_key: secret");
  Runtime runtime = open(config);

  const Health health = runtime.provider("engine").value().health().value();
  CHECK(health.server == "llama.cpp");
  CHECK_FALSE(health.version.empty());
  CHECK(health.auth_required);

  const ModelListing listing = runtime.models().list();
  REQUIRE(listing.models.size() == 1);
  CHECK(listing.models.at(0).info.key == "caller");
  CHECK(listing.models.at(0).info.state == ModelState::loaded);
  CHECK(runtime.count_tokens("caller", "Hello there").value().value > 0);

  std::string text;
  const Reply reply =
      runtime
          .stream_text({.model = "engine::current", .messages = {user("Hello")}, .settings = {.mirostat = 2}},
                       [&](const Delta& delta) {
                         text += delta.text();
                         return Flow::proceed;
                       })
          .value();
  CHECK(reply.model == "caller");
  CHECK(reply.text == text);

  ToolKit kit;
  int calls = 0;
  kit.add("set_level", "Sets the level", {param("level", "In lumen")}, [&](int) { return ++calls; });
  CHECK(runtime.generate_text({.model = "caller",
                               .messages = {user("Set the level")},
                               .tools = kit,
                               .tool_rules = {.max_steps = 2},
                               .tool_choice = ToolChoice{.mode = ToolChoice::Mode::required},
                               .settings = {.max_tokens = 600}}));
  CHECK(calls > 0);

  const ModelStatus status = runtime.model_status("caller").value();
  CHECK(status.state == ModelState::loaded);
  CHECK(status.context_length.source == Source::reported);
  CHECK(status.activity.value == Activity::idle);
  CHECK(status.queued.source == Source::reported);
  CHECK(status.extra["slots"].as_integer() > 0);
  CHECK(status.extra["build"].as_string() == health.version);
  CHECK(status.tokens_per_second.value > 0);
  CHECK(status.gpu_layers.source == Source::unknown);
}

TEST_CASE("What a llama.cpp server keeps to itself is unknown, for the reason that it gives",
          "[real][llamacpp]") {
  const LlamaServer server = LlamaServer::with_model({"alpha"}, {"--no-slots"});
  const TempDir folder;
  const ModelStatus status = open(attached_config(folder, base_url(server))).model_status("alpha").value();
  CHECK(status.context_length);
  CHECK(status.queued.source == Source::unknown);
  CHECK_THAT(status.queued.basis, ContainsSubstring("llama.cpp's /metrics says: ") &&
                                      ContainsSubstring("Start it with `--metrics`"));
  CHECK(status.activity.source == Source::unknown);
  CHECK_THAT(status.activity.basis,
             ContainsSubstring("llama.cpp's /slots says: ") && ContainsSubstring("--slots"));
  CHECK_FALSE(status.ttl.basis.empty());
}

TEST_CASE("What a server with one model can't do, and a wrong key or server, is said in plain words",
          "[real][llamacpp]") {
  const LlamaServer server = LlamaServer::with_model({"alpha"}, {"--api-key", "secret"});
  const Simulator simulator;
  const TempDir folder;
  std::string texts;
  const std::string right = attached_config(folder, base_url(server) + ", api_key: secret");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"load", "alpha"}, {"unload", "alpha"}, {"load", "--estimate-only", "alpha"}})
    texts += said(right, words, server.url());
  for (const char* key : {"", ", api_key: wrong"})
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"models"}, {"ask", "-m", "alpha", "Hello"}, {"status"}})
      texts += said(attached_config(folder, base_url(server) + key), words, server.url());
  const std::string other = attached_config(folder, "base_url: '" + simulator.base_url() + "'");
  for (const auto& words : std::vector<std::vector<std::string>>{{"status"}, {"load", "openai/gpt-oss-20b"}})
    texts += said(other, words, simulator.base_url());
  check_golden("llamacpp/attached.txt", texts);

  const Result<Health> locked = open(attached_config(folder, base_url(server) + ", api_key: wrong"))
                                    .provider("engine")
                                    .value()
                                    .health();
  CHECK(locked.error().code == ErrorCode::unauthenticated);
  CHECK_FALSE(locked.error().hint.empty());
}

TEST_CASE("Calls go on with the other server of a provider when one is killed", "[real][llamacpp]") {
  LlamaServer one = LlamaServer::with_model({"alpha"});
  const LlamaServer two = LlamaServer::with_model({"alpha"});
  const TempDir folder;
  const std::string config = folder.write(
      "tachikoma.yaml", "providers:\n  engine:\n    plugin: llamacpp\n    endpoints: ['" + one.url() +
                            "', '" + two.url() + "']\ndefaults: {inference: {max_tokens: 8}}\n");
  Runtime runtime = open(config);
  for (int i = 0; i < 4; ++i) CHECK(runtime.generate_text({.model = "alpha", .messages = {user("Hello")}}));
  CHECK(runtime.loaded_models().models.size() == 2);
  one.kill();
  for (int i = 0; i < 4; ++i) CHECK(runtime.generate_text({.model = "alpha", .messages = {user("Hello")}}));
}
