// SPDX-License-Identifier: MIT
// A server that repeated the key in its error had it printed, logged and written into JSON; `config show`
// printed keys in URLs, in `args` and in `launch.command`.
#include <memory>
#include <string>

#include "async/cancellation.hpp"
#include "base/json.hpp"
#include "base/secrets.hpp"
#include "plugins/component_host.hpp"
#include "plugins/guard.hpp"
#include "plugins/guarded_capabilities.hpp"
#include "support/catch.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kSecretKey[] = "sk-tell-nobody";

struct SecretModule : plugins::Module {
  SecretModule() : Module("cloud") {}
};

const plugins::Callee& keyed_one() {
  static const plugins::Callee who{
      "provider", "cloud", std::make_shared<SecretModule>(), {kSecretKey, "abc", ""}};
  return who;
}

const std::string kSaid = std::string("the key '") + kSecretKey + "' is wrong";
const std::string kShown = "the key '•••' is wrong";

std::string arguments(std::initializer_list<Value> words) {
  return base::to_json(base::without_argument_secrets(Value::Array(words)));
}

}  // namespace

TEST_CASE("what a plugin reports is shown without the secrets of its settings", "[plugins]") {
  Error said(ErrorCode::unauthenticated, kSaid, kSaid,
             Value::object({{"body", Value::array({kSaid, Value::object({{kSecretKey, kSaid}})})}}));
  const auto judged = plugins::judged(keyed_one(), "chat", Status(std::move(said)));
  REQUIRE_FALSE(judged);
  CHECK(judged.error().message == kShown);
  CHECK(judged.error().hint == kShown);
  CHECK(base::to_json(judged.error().detail) ==
        R"({"body":["the key '•••' is wrong",{"•••":"the key '•••' is wrong"}]})");
}

TEST_CASE("its log lines, findings and notices, and those of its server, are too", "[plugins]") {
  std::string seen;
  plugins::ComponentHost host("cloud",
                              {.log = std::make_shared<plugins::LogGate>(
                                   [&](Severity, std::string_view, std::string_view text) { seen = text; })},
                              {kSecretKey});
  host.log(Severity::info, kSaid);
  CHECK(seen == kShown);

  struct Talker final : SelfDiagnosis, ServerLog {
    Result<std::vector<Finding>> examine(const CallContext&) override {
      return std::vector<Finding>{{.id = "x", .title = kSaid, .evidence = kSaid, .fix = kSaid}};
    }
    Status follow(ServerLogSink& sink, const CallContext&) override {
      sink.on_line(Severity::info, kSaid);
      return Done{};
    }
  } talker;
  struct LastLine final : ServerLogSink {
    Flow on_line(Severity, std::string_view text) override {
      line = text;
      return Flow::proceed;
    }
    std::string line;
  } last;
  struct LastNotice final : ChatSink {
    Flow on_event(const ChatEvent& event) override {
      text = event.text;
      return Flow::proceed;
    }
    std::string text;
  } notice;
  CallCancellation cancellation;
  const CallContext context{cancellation, "r"};
  const std::vector<Finding> findings =
      plugins::GuardedDiagnosis(keyed_one(), talker).examine(context).value();
  CHECK(findings.front().title == kShown);
  CHECK(findings.front().evidence == kShown);
  CHECK(findings.front().fix == kShown);
  CHECK(plugins::GuardedServerLog(keyed_one(), talker).follow(last, context));
  CHECK(last.line == kShown);
  plugins::pass_event(keyed_one(), notice, {.kind = ChatEvent::Kind::notice, .text = kSaid});
  CHECK(notice.text == kShown);
  plugins::pass_event(keyed_one(), notice, {.text = kSaid});
  CHECK(notice.text == kSaid);  // the model's own text is passed on as it is
}

TEST_CASE("the start of a secret at the end of an excerpt is hidden as well", "[base]") {
  const std::vector<std::string> secrets{kSecretKey};
  CHECK(base::without_secrets(std::string("it is sk-tell-no…\" and more"), secrets) ==
        "it is •••…\" and more");
  CHECK(base::without_secrets(std::string("it is sk-t…"), secrets) == "it is sk-t…");
  CHECK(base::without_secrets(std::string("sk-tell-nobody sk-tell-nobody"), secrets) == "••• •••");
}

TEST_CASE("a command line is shown without keys, however they stand in it", "[base]") {
  CHECK(arguments({"llama-server", "--api-key", "sk-1", "--port", "80"}) ==
        R"(["llama-server","--api-key","•••","--port","80"])");
  CHECK(arguments({"--api-key=sk-1", "--hf-token=hf-1"}) == R"(["--api-key=•••","--hf-token=•••"])");
  CHECK(arguments({"HF_TOKEN=hf-1", "OPENAI_API_KEY=sk-1", "PORT=80"}) ==
        R"(["HF_TOKEN=•••","OPENAI_API_KEY=•••","PORT=80"])");
  CHECK(arguments({"sh", "-c", "exec vllm serve --api-key sk-1 --port 80"}) ==
        R"(["sh","-c","exec vllm serve --api-key ••• --port 80"])");
  CHECK(arguments({"-H", "Authorization: Bearer sk-1"}) == R"(["-H","Authorization: Bearer •••"])");
  CHECK(arguments({"-H", "X-Api-Key: sk-1"}) == R"(["-H","X-Api-Key: •••"])");
  CHECK(arguments({"-hft", "hf-1"}) == R"(["-hft","•••"])");
  CHECK(arguments({"--password", "two words"}) == R"(["--password","•••"])");
  CHECK(arguments({"--proxy", "http://me:pw@host:1/x"}) == R"(["--proxy","http://•••@host:1/x"])");
  CHECK(arguments({"--url", "http://host/x?a=1&key=sk-1#f"}) == R"(["--url","http://host/x?a=1&key=•••#f"])");
}

TEST_CASE("what is no key stays in a command line", "[base]") {
  for (const char* plain : {"--max-tokens", "--tokenizer", "--ssl-key-file", "--api-key-file", "--model",
                            "localhost:8080", "http://host:1/v1?n=5", "--keys-per-page", "monkey=1"}) {
    INFO(plain);
    CHECK(arguments({plain, "x"}) == std::string("[\"") + plain + "\",\"x\"]");
  }
}

TEST_CASE("the configuration is shown without keys that no schema marks", "[config]") {
  const Config config = check(R"(
providers:
  one:
    plugin: openai
    base_url: http://localhost:1/v1
    api_key: sk-tell-nobody
    launch: {command: [server, --api-key, sk-tell-nobody, --token=abc, "--note", "uses sk-tell-nobody"]}
models: {chat: {provider: one, key: "a-model", load: {extra: {api-key: sk-other, n-cpu-moe: 3}}}}
)")
                            .value();
  const std::string shown = base::to_json(redacted(config));
  INFO(shown);
  CHECK(shown.find("sk-tell-nobody") == std::string::npos);
  CHECK(shown.find("sk-other") == std::string::npos);
  CHECK(shown.find("abc") == std::string::npos);
  CHECK(shown.find(R"(["server","--api-key","•••","--token=•••","--note","uses •••"])") != std::string::npos);
  CHECK(shown.find(R"("key":"a-model")") != std::string::npos);
  CHECK(shown.find(R"("n-cpu-moe":3)") != std::string::npos);
  CHECK(shown.find(R"("first_token":"5m")") != std::string::npos);
}

TEST_CASE("an error of the configuration quotes no key of a URL", "[config]") {
  const std::string message = fault("providers: {openai: {base_url: \"local?key=sk-1\"}}\n");
  INFO(message);
  CHECK(message.find("sk-1") == std::string::npos);
}
