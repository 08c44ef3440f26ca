// SPDX-License-Identifier: MIT
// Whatever is wrong with LM Studio or the way to it: a call gives its own typed error, and doctor its own
// first finding, with evidence and a next step. Where nothing is wrong, nothing is found.
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "worlds/fake_servers.hpp"
#include "worlds/world.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kToken[] = "sk-lm-AbCd1234:AbCdEfGhIjKlMnOpQrSt";
constexpr char kOtherToken[] = "sk-lm-AbCd1234:00000000000000000000";
const std::string kGreeting = R"({"lmstudio":true})";

enum class Call { generate, load };

std::string call(Runtime& runtime, Call kind, const std::string& text = "Hello") {
  if (kind == Call::generate) {
    const Result<Reply> reply = runtime.generate_text({.messages = {user(text)}});
    return reply ? "ok" : outcome(reply.error());
  }
  const Result<LoadedModel> loaded = runtime.load_model("", {.context_length = 2048, .use_mlock = true});
  if (!loaded) return outcome(loaded.error());
  return loaded->unapplied.empty() ? "ok" : "ok without " + loaded->unapplied.front().name;
}

Diagnosis examine(const Runtime& runtime) {
  return runtime.provider("lmstudio").value().diagnose({}).value();
}

// The call's error, and the finding; both with all that belongs to them.
void check_world(Runtime runtime, Call kind, const std::string& error, const std::string& finding) {
  CHECK(call(runtime, kind) == error);
  const Diagnosis diagnosis = examine(runtime);
  INFO(ids_of(diagnosis));
  CHECK(first_id(diagnosis) == finding);
  for (const Finding& each : diagnosis.findings) {
    INFO(each.id);
    CHECK_FALSE(each.title.empty());
    CHECK_FALSE(each.evidence.empty());
    CHECK_FALSE(each.fix.empty());
  }
}

std::string defaults(const std::string& model) { return "defaults: {model: '" + model + "'}\n"; }

// A world on the simulator.
struct Simulated {
  const char* what;
  std::string script;
  std::string more;   ///< of the provider
  std::string model;  ///< defaults.model
  Call call;
  std::string error;
  std::string finding;
};

const std::string kEveryHttpRoute = "route: /v1/chat/completions";

std::string fault(const std::string& when, const std::string& what) {
  return "  - {when: {" + when + "}, " + what + "}\n";
}

const std::vector<Simulated> kSimulated = {
    {"a token is missing", std::string("api_key: '") + kToken + "'\n", "", "mistral-7b", Call::generate,
     "unauthenticated", "token-missing"},
    {"the token is not in the form of one", std::string("api_key: '") + kToken + "'\n",
     "    api_key: lm-studio\n", "mistral-7b", Call::generate, "unauthenticated", "token-malformed"},
    {"the token is another server's", std::string("api_key: '") + kToken + "'\n",
     std::string("    api_key: '") + kOtherToken + "'\n", "mistral-7b", Call::generate, "unauthenticated",
     "token-refused"},
    {"the token may not do this", "faults:\n" + fault("route: /api/v1/models", "kind: status, status: 403"),
     std::string("    api_key: '") + kToken + "'\n", "mistral-7b", Call::generate, "forbidden",
     "token-not-permitted"},
    {"the list is not answered", "faults:\n" + fault("route: /api/v1/models", "kind: stall"), "",
     "mistral-7b", Call::generate, "timeout first_token", "list-silent"},
    {"the list is cut off", "faults:\n" + fault("route: /api/v1/models", "kind: close, after_bytes: 300"), "",
     "mistral-7b", Call::generate, "unreachable", "list-cut"},
    {"a web page in place of the list",
     "faults:\n" + fault("route: /api/v1/models", "kind: garbage") +
         fault("route: /api/v0/models", "kind: garbage") + fault("route: /v1/models", "kind: garbage"),
     "", "lmstudio::current", Call::generate, "protocol", "web-page"},
    {"a web page in place of the list, and a model that is named",
     "faults:\n" + fault("route: /api/v1/models", "kind: garbage") +
         fault("route: /api/v0/models", "kind: garbage") + fault("route: /v1/models", "kind: garbage"),
     "", "mistral-7b", Call::generate, "ok", "web-page"},
    {"too busy", "faults:\n" + fault("route: /api/v1/models", "kind: status, status: 503"), "", "mistral-7b",
     Call::generate, "overloaded", "server-busy"},
    {"no models on its disk", "models: []\n", "", "mistral-7b", Call::generate, "model_not_found",
     "no-models"},
    {"the configured model is not there", "", "", "mistral-8b", Call::generate, "model_not_found",
     "model-not-there"},
    {"nothing is loaded, and requests load nothing", "jit: false\nmodels: [{key: a}, {key: b}]\n", "",
     "lmstudio::current", Call::generate, "model_not_found", "no-model-loaded"},
    {"the model never fits", "", "", "huge", Call::load, "insufficient_memory", "model-does-not-fit"},
    {"the upgrade to a WebSocket is refused",
     "faults:\n" + fault("route: /system", "kind: status, status: 403") +
         fault("route: /llm", "kind: status, status: 403"),
     "", "mistral-7b", Call::load, "ok without use_mlock", "websocket-refused"},
    {"the upgrade to a WebSocket is not answered",
     "faults:\n" + fault("route: /system", "kind: stall") + fault("route: /llm", "kind: stall"), "",
     "mistral-7b", Call::load, "timeout connect", "websocket-silent"},
    {"the load fails at 60 %", "models: [{key: m, load_error: 'CUDA error 4', load_fails_at: 60}]\n", "", "m",
     Call::load, "protocol", "model-not-loaded"},
    {"the socket is cut during the load",
     "models: [{key: m}]\nfaults:\n" + fault("route: /llm/loadModel", "kind: close, after_messages: 2"), "",
     "m", Call::load, "unreachable", "model-not-loaded"},
    {"the model is unloaded in mid-answer",
     "faults:\n" + fault(kEveryHttpRoute,
                         "kind: error, body: {error: {message: Model unloaded by user or API request.}}, "
                         "after_tokens: 3"),
     "", "mistral-7b", Call::generate, "model_lost", "model-lost"},
    {"another model answers",
     "faults:\n" + fault(kEveryHttpRoute, "kind: wrong_model, served: openai/gpt-oss-20b"), "", "mistral-7b",
     Call::generate, "model_mismatch", "wrong-model"},
    {"chunks that are no JSON", "faults:\n" + fault(kEveryHttpRoute, "kind: garbage, after_tokens: 3"), "",
     "mistral-7b", Call::generate, "protocol", "answer-garbled"},
    {"a reset in mid-answer", "faults:\n" + fault(kEveryHttpRoute, "kind: reset, after_tokens: 3"), "",
     "mistral-7b", Call::generate, "model_lost", "answer-cut"},
    {"silence in mid-answer", "faults:\n" + fault(kEveryHttpRoute, "kind: stall, after_tokens: 3"), "",
     "mistral-7b", Call::generate, "timeout between_tokens", "answer-silent"},
};

}  // namespace

TEST_CASE("each broken world of the simulator has its own error and its own first finding", "[worlds]") {
  for (const Simulated& world : kSimulated) {
    DYNAMIC_SECTION(world.what) {
      const Machine machine;
      const Simulator simulator(world.script);
      check_world(open_world(machine.folder(), simulator.base_url(), world.more, defaults(world.model)),
                  world.call, world.error, world.finding);
    }
  }
}

TEST_CASE("nothing is found in the healthy world", "[worlds]") {
  const Machine machine;
  const Simulator simulator(
      "replies:\n  - {when: {contains: lighthouse}, chunks: [a, b, c, d, e, f], delay_per_token: 50ms}\n");
  Runtime runtime = open_world(machine.folder(), simulator.base_url(), "", defaults("mistral-7b"));
  CHECK(call(runtime, Call::generate) == "ok");
  const Diagnosis diagnosis = examine(runtime);
  CHECK(ids_of(diagnosis) == "nothing");
  REQUIRE(diagnosis.health);
  CHECK(diagnosis.health->server == "LM Studio");
  CHECK(diagnosis.model == "mistral-7b");
  CHECK(diagnosis.tokens_per_second);
}

TEST_CASE("nothing is found with auto either, nor without a default model", "[worlds]") {
  const Simulator simulator;
  const Machine machine(true, std::to_string(simulator.port()));
  CHECK(ids_of(examine(open_world(machine.folder(), "auto"))) == "nothing");
  const Simulator unloaded("models: [{key: a}, {key: b}]\n");
  CHECK(ids_of(examine(open_world(machine.folder(), unloaded.base_url()))) == "nothing");
}

TEST_CASE("LM Studio is not running", "[worlds]") {
  const Machine machine;
  check_world(open_world(machine.folder(), "http://127.0.0.1:" + std::to_string(refused_port()), "",
                         defaults("mistral-7b")),
              Call::generate, "unreachable", "lmstudio-not-running");
}

TEST_CASE("LM Studio is not installed", "[worlds]") {
  const Machine machine(false, std::to_string(refused_port()));
  check_world(open_world(machine.folder(), "auto", "", defaults("mistral-7b")), Call::generate, "unreachable",
              "lmstudio-not-installed");
}

TEST_CASE("LM Studio is running, but its HTTP server is off", "[worlds]") {
  const Simulator simulator;  // the part of it that its own port serves
  const Machine machine(true, "", std::to_string(simulator.port()));
  check_world(open_world(machine.folder(), "http://127.0.0.1:" + std::to_string(refused_port()), "",
                         defaults("mistral-7b")),
              Call::generate, "unreachable", "server-off");
}

TEST_CASE("another program has the port of LM Studio's server", "[worlds]") {
  const Simulator simulator;
  const LoopbackServer nginx(
      answers({}, http("404 Not Found", "<html>404</html>", "text/html", "nginx/1.22")));
  const Machine machine(true, "", std::to_string(simulator.port()));
  check_world(open_world(machine.folder(), nginx.url(), "", defaults("mistral-7b")), Call::generate,
              "protocol", "port-taken");
}

TEST_CASE("another server is where LM Studio should be", "[worlds]") {
  const LoopbackServer ollama(answers({{"/", http("200 OK", "Ollama is running", "text/plain")}},
                                      http("404 Not Found", "404 page not found", "text/plain")));
  const Machine machine;
  Runtime runtime = open_world(machine.folder(), ollama.url(), "", defaults("mistral-7b"));
  CHECK_THAT(examine(runtime).findings.at(0).title, ContainsSubstring("Ollama"));
  check_world(std::move(runtime), Call::generate, "protocol", "not-lmstudio");
}

TEST_CASE("other servers are told apart by what only they send", "[worlds]") {
  const std::string not_found = http("404 Not Found", R"({"error":{"code":404,"message":"File Not Found"}})",
                                     "application/json", "llama.cpp");
  struct Other {
    const char* name;
    std::string anything;  ///< what it answers to any path
    std::map<std::string, std::string> paths = {};
  };
  const std::vector<Other> others = {
      {"Ollama",
       http("404 Not Found", "404 page not found", "text/plain"),
       {{"/", http("200 OK", "Ollama is running", "text/plain")}}},
      {"llama.cpp", not_found},
      {"vLLM",
       http("404 Not Found", R"({"detail":"Not Found"})", "application/json", "uvicorn"),
       {{"/v1/models", http("200 OK", R"({"data":[{"id":"m","owned_by":"vllm"}]})")}}},
      {"nginx", http("404 Not Found", "<html>404</html>", "text/html", "nginx/1.22.1")},
      {"an Express server", http("404 Not Found", "<pre>Cannot GET /lmstudio-greeting</pre>", "text/html")},
      {"another program", http("200 OK", "hello", "text/plain")}};
  for (const Other& other : others) {
    INFO(other.name);
    const LoopbackServer server(answers(other.paths, other.anything));
    const Machine machine;
    const Diagnosis diagnosis = examine(open_world(machine.folder(), server.url()));
    REQUIRE(diagnosis.findings.size() == 1);
    CHECK(diagnosis.findings[0].id == "not-lmstudio");
    CHECK_THAT(diagnosis.findings[0].title, ContainsSubstring(std::string("is ") + other.name + ","));
  }
}

TEST_CASE("no connection can be established", "[worlds]") {
  const FullPort full;
  const Machine machine;
  check_world(open_world(machine.folder(), "http://127.0.0.1:" + std::to_string(full.port()), "",
                         defaults("mistral-7b")),
              Call::generate, "timeout connect", "port-blocked");
}

TEST_CASE("the server accepts connections and does not answer", "[worlds]") {
  const LoopbackServer silent([](Peer& peer, int) {
    peer.read_request();
    peer.wait_for_close();
  });
  const Machine machine;
  check_world(open_world(machine.folder(), silent.url(), "", defaults("mistral-7b")), Call::generate,
              "timeout first_token", "server-silent");
}

TEST_CASE("the server hangs up", "[worlds]") {
  const LoopbackServer closing([](Peer& peer, int) { peer.read_request(); });
  const Machine machine;
  check_world(open_world(machine.folder(), closing.url(), "", defaults("mistral-7b")), Call::generate,
              "unreachable", "server-hangs-up");
}

TEST_CASE("what answers is not an HTTP server", "[worlds]") {
  const LoopbackServer ssh([](Peer& peer, int) {
    peer.read_request();
    peer.send("SSH-2.0-OpenSSH_9.2\r\n\r\n");
  });
  const Machine machine;
  check_world(open_world(machine.folder(), ssh.url(), "", defaults("mistral-7b")), Call::generate, "protocol",
              "not-http");
}

TEST_CASE("the server is asked for TLS, which it does not speak", "[worlds]") {
  const LoopbackServer plain([](Peer& peer, int) {  // as Node.js answers it
    peer.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    peer.wait_for_close();
  });
  const Machine machine;
  check_world(open_world(machine.folder(), "https://127.0.0.1:" + std::to_string(plain.port()), "",
                         defaults("mistral-7b")),
              Call::generate, "unreachable", "tls-failed");
}

TEST_CASE("the server is on IPv4 only, and is asked for over IPv6", "[worlds]") {
  const Simulator simulator;
  const Machine machine;
  const std::string port = std::to_string(simulator.port());
  check_world(open_world(machine.folder(), "http://[::1]:" + port, "", defaults("mistral-7b")),
              Call::generate, "unreachable", "ipv4-only");
  // localhost is both, and needs no finding
  Runtime runtime = open_world(machine.folder(), "http://localhost:" + port, "", defaults("mistral-7b"));
  CHECK(call(runtime, Call::generate) == "ok");
  CHECK(ids_of(examine(runtime)) == "nothing");
}

TEST_CASE("the list is not JSON", "[worlds]") {
  const LoopbackServer garbled(
      answers({{"/lmstudio-greeting", http("200 OK", kGreeting)}}, http("200 OK", "{\"models\":[")));
  const Machine machine;
  check_world(open_world(machine.folder(), garbled.url(), "", defaults("mistral-7b")), Call::generate,
              "protocol", "garbled-list");
}

TEST_CASE("an older LM Studio answers what it does not know with status 200", "[worlds]") {
  const LoopbackServer old(answers(
      {{"/lmstudio-greeting", http("200 OK", kGreeting)},
       {"/v1/models", http("200 OK", R"({"data":[{"id":"old-model","object":"model"}],"object":"list"})")}},
      catch_all("/any")));
  const Machine machine;
  check_world(open_world(machine.folder(), old.url(), "", defaults("old-model")), Call::load, "unsupported",
              "old-version");
}

TEST_CASE("a WebSocket that does not let us in", "[worlds]") {
  const std::string models =
      R"({"models":[{"type":"embedding","key":"a","loaded_instances":[{"id":"a","config":{}}]}]})";
  const LoopbackServer mute(silent_sockets(
      {{"/lmstudio-greeting", http("200 OK", kGreeting)}, {"/api/v1/models", http("200 OK", models)}},
      catch_all("/any")));
  const Machine machine;
  check_world(open_world(machine.folder(), mute.url(), "", defaults("a")), Call::load, "timeout connect",
              "websocket-mute");
}

TEST_CASE("the prompt is too long for the context that is loaded", "[worlds]") {
  const Machine machine;
  const Simulator simulator(
      "faults:\n" +
      fault(
          "route: /v1/chat/completions, contains: hello",
          "kind: status, status: 400, body: 'The number of tokens to keep from the initial prompt is greater "
          "than the context length'"));
  Runtime runtime = open_world(
      machine.folder(), simulator.base_url(), "",
      "models: {small: {provider: lmstudio, key: mistral-7b, context_length: 16384}}\n" + defaults("small"));
  check_world(std::move(runtime), Call::generate, "context_too_long", "context-smaller-than-configured");
}
