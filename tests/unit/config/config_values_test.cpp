// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <string>

#include "config/schema_check.hpp"
#include "support/catch.hpp"
#include "tachikoma/json.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

const Origin& origin(const Config& config, std::string_view pointer) {
  for (const Origin& each : config.origins)
    if (each.pointer == pointer) return each;
  FAIL("no origin for " << pointer);
  return config.origins.front();
}

}  // namespace

TEST_CASE("variables stand in any text, with defaults and an escape", "[config]") {
  const Variable host("TACHIKOMA_TEST_HOST", "box");
  const Variable empty("TACHIKOMA_TEST_EMPTY", "");
  const Config config = check(R"(
providers:
  local:
    plugin: openai
    base_url: http://${TACHIKOMA_TEST_HOST}:${TACHIKOMA_TEST_PORT:-8080}/v1
    api_key: "${TACHIKOMA_TEST_EMPTY:-none}"
    headers: {X-A: "${TACHIKOMA_TEST_EMPTY}", X-B: "$${HOME} costs $5"}
)")
                            .value();
  const Value& settings = config.providers[0].settings;
  CHECK(settings["base_url"].as_string() == "http://box:8080/v1");
  CHECK(settings["api_key"].as_string() == "none");
  CHECK(settings["headers"]["X-A"].as_string().empty());
  CHECK(settings["headers"]["X-B"].as_string() == "${HOME} costs $5");
}

TEST_CASE("a variable alone is typed as a plain value, a quoted one only where no text is expected",
          "[config]") {
  const Variable number("TACHIKOMA_TEST_NUMBER", "42");
  const Config quoted =
      check(
          "providers: {lmstudio: {}}\n"
          "models: {chat: {key: \"${TACHIKOMA_TEST_NUMBER}\", top_k: \"${TACHIKOMA_TEST_NUMBER}\"}}\n")
          .value();
  CHECK(quoted.models[0].key == "42");
  CHECK(quoted.models[0].inference.top_k == 42);
  const Config plain = check(
                           "providers: {lmstudio: {}}\n"
                           "models:\n"
                           "  chat:\n"
                           "    key: ${TACHIKOMA_TEST_NUMBER}\n"
                           "    top_k: ${TACHIKOMA_TEST_NUMBER}\n")
                           .value();
  CHECK(plain.models[0].key == "42");
  CHECK(plain.models[0].inference.top_k == 42);
}

TEST_CASE("yes, no, on and off are a bool only where one is wanted", "[config]") {
  const Config config = check(R"(
providers: {lmstudio: {tls: {verify: off}}}
models: {"yes": {key: on, use_mmap: No, flash_attention: yes}, b: {flash_attention: auto}}
)")
                            .value();
  CHECK(config.providers[0].settings["tls"]["verify"] == Value(false));
  CHECK(config.models[0].key == "on");
  CHECK(config.models[0].load == LoadSettings{.use_mmap = false, .flash_attention = FlashAttention::on});
  CHECK(config.models[1].load == LoadSettings{.flash_attention = FlashAttention::automatic});
}

TEST_CASE("further wire fields keep their own types", "[config]") {
  const Config config =
      check(
          "providers: {lmstudio: {}}\n"
          "models: {a: {extra: {n: 1, x: 1.5, t: '1', b: true, y: yes, z: null, l: [a, {}]}}}\n")
          .value();
  CHECK(to_json(config.models[0].inference.extra) ==
        R"({"n":1,"x":1.5,"t":"1","b":true,"y":"yes","z":null,"l":["a",{}]})");
}

TEST_CASE("every leaf of the effective configuration has an origin", "[config]") {
  const Variable key("TACHIKOMA_TEST_KEY", "s3cret");
  const Config config = check(R"(providers:
  lmstudio:
    api_key: "${TACHIKOMA_TEST_KEY}"
    headers: {X-Id: abc}
    timeouts: {connect: 2s}
models:
  a/b: {temperature: 1}
)")
                            .value();
  CHECK(to_json(config.effective, 1) == R"({
 "providers": {
  "lmstudio": {
   "api_key": "s3cret",
   "headers": {
    "X-Id": "abc"
   },
   "timeouts": {
    "connect": "2s",
    "load": "10m",
    "first_token": "5m",
    "between_tokens": "2m",
    "total": "0"
   },
   "base_url": "auto",
   "start_server": false,
   "plugin": "lmstudio"
  }
 },
 "models": {
  "a/b": {
   "inference": {
    "temperature": 1
   },
   "key": "a/b",
   "provider": "lmstudio"
  }
 },
 "verbose": false,
 "policy": {
  "retry": {
   "attempts": 3,
   "backoff": "250ms",
   "max_backoff": "10s"
  },
  "answer": {
   "text": "16MiB",
   "reasoning": "16MiB",
   "arguments": "16MiB",
   "tool_calls": 1024
  }
 },
 "memory": {
  "headroom": 0.2,
  "patience": "10s"
 }
})");
  CHECK(config.origins.size() == 23);
  CHECK(origin(config, "/providers/lmstudio/api_key").place == "environment TACHIKOMA_TEST_KEY");
  CHECK(origin(config, "/providers/lmstudio/api_key").secret);
  CHECK(origin(config, "/providers/lmstudio/headers/X-Id").secret);
  CHECK(origin(config, "/providers/lmstudio/timeouts/connect").place == "test.yaml:5:25");
  CHECK(origin(config, "/providers/lmstudio/timeouts/load").place == "default");
  CHECK(origin(config, "/providers/lmstudio/base_url").place == "default");
  CHECK(origin(config, "/models/a~1b/inference/temperature").place == "test.yaml:7:22");
  CHECK(origin(config, "/models/a~1b/key").place == "default");
  CHECK(origin(config, "/verbose").place == "default");

  const std::string shown = to_json(redacted(config));
  CHECK(shown.find("s3cret") == std::string::npos);
  CHECK(shown.find(R"("api_key":"•••","headers":{"X-Id":"•••"})") != std::string::npos);
  CHECK(shown.find(R"("base_url":"auto")") != std::string::npos);
}

TEST_CASE("what `config show` prints is a configuration again", "[config]") {
  const Config config = check(R"(
providers: {lmstudio: {timeouts: {load: 90s}}}
models: {chat: {gpu_layers: 4, stop: END, extra: {a: [1]}}}
defaults: {model: chat}
)")
                            .value();
  const Config again = check(to_json(config.effective)).value();
  CHECK(again.effective == config.effective);
  CHECK(again.providers[0].timeouts.load == 90s);
}

TEST_CASE("values of a program are checked as a file is, without places and variables", "[config]") {
  FakeSchemas schemas;
  const Value good = Value::object(
      {{"providers",
        Value::object({{"lmstudio", Value::object({{"api_key", "${HOME}"},
                                                   {"timeouts", Value::object({{"connect", 1500}})}})}})}});
  const Config config = config::check_config(good, schemas, "settings").value();
  CHECK(config.providers[0].settings["api_key"].as_string() == "${HOME}");
  CHECK(config.providers[0].timeouts.connect == 1500ms);
  CHECK(config.file.empty());

  const Value bad =
      Value::object({{"providers", Value::object({{"lmstudio", Value::object({{"bse_url", 1}})}})}});
  const Result<Config> refused = config::check_config(bad, schemas, "settings");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message ==
        "settings: providers.lmstudio: unknown key 'bse_url'; did you mean 'base_url'?");
}

TEST_CASE("the policy has defaults, a provider limits of its own, and a model fallbacks", "[config]") {
  const Config plain = check("providers: {lmstudio: {}}\n").value();
  CHECK(plain.policy.retry.attempts == 3);
  CHECK(plain.policy.retry.max_backoff == 10s);
  CHECK(plain.providers[0].eject_for == 10s);

  const Config config = check(R"(
providers:
  many: {plugin: openai, endpoints: ["http://one:1/v1", "http://two:1/v1"], eject_for: 1m, limits: {concurrency: 4}}
models:
  chat: {fallback: [small, "many::other"]}
  small: {ttl: 90s, draft_model: tiny, logit_bias: {50256: -100, 7: 0.5}}
policy:
  retry: {attempts: 1, backoff: 1s}
  limits: {requests_per_minute: 60}
)")
                            .value();
  const ProviderConfig& many = config.providers[0];
  CHECK(many.endpoints == std::vector<std::string>{"http://one:1/v1", "http://two:1/v1"});
  CHECK(many.eject_for == 60s);
  CHECK(many.limits.concurrency == 4);
  CHECK(!many.settings.find("endpoints"));
  CHECK(!many.settings.find("base_url"));
  CHECK(config.models[0].fallback == std::vector<std::string>{"small", "many::other"});
  const GenerationSettings& small = config.models[1].inference;
  CHECK(small.ttl == 90s);
  CHECK(small.draft_model == "tiny");
  REQUIRE(small.logit_bias.size() == 2);
  CHECK(small.logit_bias[0].token == 50256);
  CHECK(small.logit_bias[1].bias == 0.5);
  CHECK(config.policy.retry.attempts == 1);
  CHECK(config.policy.retry.backoff == 1s);
  CHECK(config.policy.limits.requests_per_minute == 60);
}

TEST_CASE("a plugin's schema that can't be honoured is refused by name", "[config]") {
  const auto message = [](std::string_view schema) {
    FakeSchemas schemas;
    schemas.add("provider:mine", schema);
    const Result<Config> result = config::check_text("providers:\n  mine: {x: 1}\n", "c.yaml", schemas);
    REQUIRE_FALSE(result);
    return result.error().message;
  };
  const std::string start = "c.yaml:2:3: providers.mine: the settings schema of plugin 'mine' ";
  const std::string end = "; report it to the plugin's author";
  CHECK(message(R"({"properties": {"x": {"type": "string", "pattern": "^a"}}})") ==
        start + "uses the keyword 'pattern', which this version can't check" + end);
  CHECK(
      message(R"({"properties": {"x": {"format": "email"}}})") ==
      start +
          "can't be used: at '/properties/x/format' must be one of the formats 'duration', 'path', 'secret', "
          "'size' or 'uri', but is \"email\"" +
          end);
  CHECK(
      message(R"({"properties": {"x": {"type": "strng"}}})") ==
      start +
          "can't be used: at '/properties/x/type' must be 'object', 'array', 'string', 'number', 'integer', "
          "'boolean' or 'null', but is \"strng\"" +
          end);
  CHECK(message(R"({"properties": {"x": {"items": [{}]}}})") ==
        start + "has an unusable value for 'items'" + end);
  CHECK(message(R"({"properties": {"x": {"minimum": 0, "exclusiveMinimum": true}}})") ==
        start + "has an unusable value for 'exclusiveMinimum'" + end);
  CHECK(message(R"({"properties": {"x": 5}})") == start + "has a schema that is not an object" + end);
  CHECK(message(R"({"properties": {"load": {}}})") ==
        start + "has a setting 'load', a name reserved for the host" + end);
}

TEST_CASE("a plugin's quantities keep to their limits, whichever type its schema gives them", "[config]") {
  const auto check_with = [](const std::string& type, const std::string& settings) {
    FakeSchemas schemas;
    schemas.add("provider:mine", R"({"properties": {"wait": {"type": ")" + type +
                                     R"(", "format": "duration", "minimum": 10}}})");
    return config::check_text("providers: {mine: {" + settings + "}}\n", "c.yaml", schemas);
  };
  for (const char* type : {"string", "integer"}) {
    CHECK(check_with(type, "wait: 1s").value().providers[0].settings["wait"] == Value(1000));
    CHECK(check_with(type, "wait: 9ms").error().message ==
          "c.yaml:1:26: providers.mine.wait: '9ms' is out of range: expected at least 10");
    CHECK(
        check_with(type, "wait: soon").error().message ==
        "c.yaml:1:26: providers.mine.wait: expected a duration such as 500ms, 2s, 5m or 1h30m, found 'soon'");
  }
}

TEST_CASE("a file may name one plugin as often as it likes", "[config]") {
  std::string text = "providers:\n";
  for (int i = 0; i < 500; ++i) text += "  p" + std::to_string(i) + ": {plugin: lmstudio}\n";
  CHECK(check(text).value().providers.size() == 500);
}

TEST_CASE("a plugin that is refused is reported where the file names it", "[config]") {
  FakeSchemas schemas;
  schemas.refuse("provider:mine", Error(ErrorCode::plugin_refused,
                                        "plugin 'mine' was built for ABI 7, this is ABI 0", "rebuild it"));
  const Result<Config> result = config::check_text("providers:\n  a: {plugin: mine}\n", "c.yaml", schemas);
  REQUIRE_FALSE(result);
  CHECK(result.error().code == ErrorCode::plugin_refused);
  CHECK(result.error().message ==
        "c.yaml:2:15: providers.a: plugin 'mine' was built for ABI 7, this is ABI 0; rebuild it");
}
