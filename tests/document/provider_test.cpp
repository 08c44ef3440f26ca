// SPDX-License-Identifier: MIT
// Finding a server, being let in, listing what it has, and what is said when it is not there.
#include <set>
#include <string>

#include "document/lmstudio_home.hpp"
#include "document/studio.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr const char* kKey = "sk-lm-AbCd1234:AbCdEfGhIjKlMnOpQrSt";

std::set<std::string> keys_of(const std::vector<ModelInfo>& models) {
  std::set<std::string> keys;
  for (const ModelInfo& model : models) keys.insert(model.key);
  return keys;
}

// An address where nobody listens: that of a server which has just ended.
std::string dead_address() { return Simulator().base_url(); }

}  // namespace

TEST_CASE("a provider made from its address answers with a model named by a part of its key",
          "[basic-setup]") {
  Studio studio;
  const Reply reply =
      studio.runtime.generate_text({.model = "gpt-oss-120b", .messages = {user("Hello, how are you?")}})
          .value();
  CHECK_THAT(reply.text, ContainsSubstring("openai/gpt-oss-120b"));
  CHECK(reply.model == "openai/gpt-oss-120b");
}

TEST_CASE("the base URL may end in /v1, in a slash, or in neither", "[basic-setup/base-url]") {
  const Simulator simulator;
  for (const char* path : {"", "/", "/v1", "/v1/"}) {
    INFO(path);
    Runtime runtime = Runtime::with({.base_url = simulator.base_url() + path}).value();
    CHECK_FALSE(runtime.provider("lmstudio").value().list_models().value().empty());
    CHECK(runtime.generate_text({.model = "mistral-7b", .messages = {user("Hello")}}));
  }
}

TEST_CASE("no key is sent unless there is one, and a wrong one is an authentication error",
          "[basic-setup/api-key]") {
  Studio open;
  REQUIRE(open.runtime.generate_text({.model = "mistral-7b", .messages = {user("Hello")}}));
  CHECK(header(open.last_chat(), "Authorization").empty());

  const std::string script = std::string("require_auth: true\napi_key: \"") + kKey + "\"\n";
  Studio closed(script, {.api_key = kKey});
  REQUIRE(closed.runtime.generate_text({.model = "mistral-7b", .messages = {user("Hello")}}));
  CHECK(header(closed.last_chat(), "Authorization") == std::string("Bearer ") + kKey);

  Studio refused(script, {.api_key = "sk-lm-AbCd1234:00000000000000000000"});
  CHECK_THROWS_AS(refused.runtime.generate_text({.model = "mistral-7b", .messages = {user("Hello")}}).value(),
                  AuthenticationError);
}

TEST_CASE("a running LM Studio is found without an address", "[auto-detection]") {
  const Simulator simulator;
  const LmStudioHome home;
  home.serve_at(simulator.port());
  std::optional<Runtime> found = Runtime::auto_detect().value();
  REQUIRE(found);
  const Health health = found->provider("lmstudio").value().health().value();
  CHECK_THAT(health.base_url, ContainsSubstring(std::to_string(simulator.port())));
}

TEST_CASE("what was found tells which models it has", "[auto-detection/available-models]") {
  const Simulator simulator;
  const LmStudioHome home;
  home.serve_at(simulator.port());
  std::optional<Runtime> found = Runtime::auto_detect().value();
  REQUIRE(found);
  CHECK(keys_of(found->provider("lmstudio").value().list_models().value()).count("openai/gpt-oss-20b") == 1);
}

TEST_CASE("where no LM Studio runs, detection finds nothing, which is no error",
          "[auto-detection/not-running][best-practices/start-the-server-first]") {
  const LmStudioHome home;
  const Result<std::optional<Runtime>> found = Runtime::auto_detect();
  REQUIRE(found);
  if (*found)
    WARN("an LM Studio runs on this machine, so its absence was not tested");
  else
    CHECK_FALSE(found->has_value());
}

TEST_CASE("the list of models has sizes and quantizations, as the server reports them",
          "[model-management/list-models]") {
  Studio studio;
  const std::vector<ModelInfo> models = studio.provider().list_models().value();
  REQUIRE(keys_of(models).count("openai/gpt-oss-120b") == 1);
  for (const ModelInfo& model : models) {
    if (model.key != "openai/gpt-oss-120b") continue;
    CHECK(model.size_bytes.source == Source::reported);
    CHECK(model.size_bytes.value == 65'000'000'000);
    CHECK(model.quantization == "Q4_K_M");
  }
}

TEST_CASE("a health check says who answers, and where", "[connection-issues]") {
  Studio studio;
  const Health health = studio.provider().health().value();
  CHECK(health.server == "LM Studio");
  CHECK_THAT(health.base_url, ContainsSubstring(std::to_string(studio.simulator.port())));
  CHECK_FALSE(health.api.empty());
}

TEST_CASE("an LM Studio that can't be reached is an error with the next step",
          "[connection-issues/not-reachable]") {
  const Runtime runtime = Runtime::with({.base_url = dead_address()}).value();
  const Result<Health> health = runtime.provider("lmstudio").value().health();
  REQUIRE_FALSE(health);
  CHECK(health.error().code == ErrorCode::unreachable);
  CHECK(health.error().retryable);
  CHECK_THAT(health.error().message, ContainsSubstring("127.0.0.1"));
  CHECK_THAT(health.error().hint, ContainsSubstring("LM Studio"));
}

TEST_CASE("a model that the server does not have is an error that names near ones",
          "[model-loading-errors/model-not-found][best-practices/handle-errors]") {
  Studio studio;
  try {
    (void)studio.runtime.generate_text({.model = "gpt-os-20b", .messages = {user("Hello")}}).value();
    FAIL("no exception");
  } catch (const ModelNotFound& missing) {
    CHECK(missing.name() == "gpt-os-20b");
    REQUIRE_FALSE(missing.near().empty());
    CHECK(missing.near().front() == "gpt-oss-20b");
  }
  CHECK(studio.last_chat().is_null());
}

TEST_CASE("a server of another machine is an address", "[custom-endpoints/base-url][faq/another-machine]") {
  const Simulator simulator;
  const TempDir folder;
  Runtime runtime = Runtime::open(folder.write("tachikoma.yaml",
                                               "providers:\n  remote:\n    plugin: lmstudio\n"
                                               "    base_url: " +
                                                   simulator.base_url() + "/v1\n"))
                        .value();
  CHECK(runtime.provider("remote").value().health().value().server == "LM Studio");
}

TEST_CASE("headers of one's own reach the server with every request", "[custom-endpoints/headers]") {
  Studio studio({}, {.headers = {{"X-Custom-Auth", "token"}}});
  REQUIRE(studio.runtime.generate_text({.model = "mistral-7b", .messages = {user("Hello")}}));
  REQUIRE(studio.provider().health());
  const Value state = studio.simulator.state();
  REQUIRE_FALSE(state["requests"].elements().empty());
  for (const Value& request : state["requests"].elements()) {
    INFO(request["path"].as_string());
    CHECK(header(request, "X-Custom-Auth") == "token");
  }
}
