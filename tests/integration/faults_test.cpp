// SPDX-License-Identifier: MIT
// Whatever a server does wrong, in whatever kind of call: the right error or the right retry, and the runtime
// goes on as if nothing had been.
#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/resources.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;
using std::chrono::milliseconds;

namespace {

constexpr char kMistral[] = "mistral-7b";
constexpr char kEmbedder[] = "text-embedding-nomic-embed-text-v1.5";

/// What a call comes to: "ok", or the error's code, with the clock of a time-out.
std::string outcome(const Error& error) {
  const std::string code(to_string(error.code));
  return error.code == ErrorCode::timeout ? code + " " + std::string(error.detail["clock"].as_string())
                                          : code;
}
template <class T>
std::string outcome(const Result<T>& result) {
  return result ? "ok" : outcome(result.error());
}

constexpr milliseconds kPatient(30'000);  // longer than a busy machine takes for anything here
constexpr milliseconds kHasty(1500);      // to sit through, where silence is what is wrong

Runtime make_runtime(const std::string& base_url, milliseconds patience = kPatient) {
  return Runtime::with(
             {.base_url = base_url,
              .timeouts = {.connect = kPatient, .first_token = patience, .between_tokens = patience},
              .policy = {.retry = {.attempts = 3,
                                   .backoff = milliseconds(1),
                                   .max_backoff = milliseconds(2000)}},
              .model = kMistral},
             [](Severity, std::string_view, std::string_view) {})
      .value();
}

enum class Form { blocking, async };

// One generation; `streamed`: the caller sees each delta.
Result<Reply> generate(Runtime& runtime, Form form, TextRequest request, bool streamed) {
  DeltaCallback on_delta;
  if (streamed) on_delta = [](const Delta&) { return Flow::proceed; };
  if (form == Form::blocking)
    return streamed ? runtime.stream_text(std::move(request), on_delta)
                    : runtime.generate_text(std::move(request));
  std::promise<Result<Reply>> done;
  runtime.stream_text_async(std::move(request), on_delta,
                            [&](Result<Reply> reply) { done.set_value(std::move(reply)); });
  return done.get_future().get();
}

ToolKit parrot() {
  ToolKit kit;
  kit.add("say", "Says a text", {param("text")}, [](std::string text) { return text; });
  return kit;
}

// The kinds of calls; a fault that must meet just one of them names its route or its text.
std::string call(Runtime& runtime, Form form, const std::string& kind) {
  if (kind == "generate") return outcome(generate(runtime, form, {.messages = {user("Hello")}}, false));
  if (kind == "stream") return outcome(generate(runtime, form, {.messages = {user("Hello")}}, true));
  if (kind == "tools")
    return outcome(generate(runtime, form, {.messages = {user("Say it")}, .tools = parrot()}, false));
  return outcome(runtime.embed({.model = kEmbedder, .texts = {"one", "two"}}));
}

constexpr char kToolReplies[] = R"(replies:
  - when: {contains: "say it", tool_results: 0}
    tool_calls: [{name: say, arguments: {text: "polly"}}]
  - when: {contains: "say it"}
    text: "It was said."
)";

struct Fault {
  const char* what;
  std::string yaml;           ///< one entry of `faults`, without its `when`
  std::string transient;      ///< what each call comes to when it happens once; "ok": it was tried again
  std::string lasting;        ///< and when it goes on happening
  std::string streamed = {};  ///< of calls that have shown something; empty: as the others
  bool has_tokens = false;    ///< it happens among the tokens of an answer: not to embeddings
};

const std::vector<Fault> kFaults = {
    {"closed before anything came", "kind: close", "ok", "unreachable"},
    {"reset before anything came", "kind: reset", "ok", "unreachable"},
    {"cut in the head", "kind: close, after_bytes: 20", "ok", "unreachable"},
    {"cut in the body", "kind: close, after_bytes: 400", "ok", "model_lost", "", true},
    {"cut among the tokens", "kind: close, after_tokens: 3", "ok", "model_lost", "model_lost", true},
    {"reset among the tokens", "kind: reset, after_tokens: 3", "ok", "model_lost", "model_lost", true},
    {"silent from the start", "kind: stall", "timeout first_token", "timeout first_token"},
    {"silent behind the head", "kind: stall, after_headers: true", "timeout first_token",
     "timeout first_token"},
    {"silent among the tokens", "kind: stall, after_tokens: 3", "timeout between_tokens",
     "timeout between_tokens", "", true},
    {"busy, with a time to wait", "kind: status, status: 429, retry_after: 0", "ok", "rate_limited"},
    {"loading", "kind: status, status: 503", "ok", "overloaded"},
    {"failing", "kind: status, status: 500", "ok", "protocol"},
    {"refusing", "kind: status, status: 400", "invalid_argument", "invalid_argument"},
    {"bytes that are not HTTP", "kind: garbage, after_bytes: 0", "protocol", "protocol"},
    {"a body that is not JSON", "kind: garbage", "protocol", "protocol"},
    {"an error in the stream", "kind: error, body: {error: {message: Model is unloaded.}}, after_tokens: 3",
     "ok", "model_lost", "model_lost", true},
    {"another model's answer", "kind: wrong_model, served: impostor", "model_mismatch", "model_mismatch"},
    {"drop by drop", "kind: drip, bytes: 256, interval: 1ms", "ok", "ok"},
};

// The fault meets the call's first request, or with tools the second, behind the tool's result.
std::string script(const Fault& fault, const std::string& kind, bool lasting) {
  std::string when = kind == "embed" ? "route: /v1/embeddings" : "route: /v1/chat/completions";
  if (kind == "tools") when += ", tool_results: 1";
  if (!lasting) when += ", first: 1";
  return std::string(kToolReplies) + "faults:\n  - {when: {" + when + "}, " + fault.yaml + "}\n";
}

std::string expected(const Fault& fault, const std::string& kind, bool lasting) {
  if (kind == "stream" && !fault.streamed.empty()) return fault.streamed;
  return lasting ? fault.lasting : fault.transient;
}

}  // namespace

TEST_CASE("each fault of a server is the right error or the right retry, in each kind of call", "[faults]") {
  const Simulator simulator;
  const Resources before;
  {
    Runtime patient = make_runtime(simulator.base_url());
    Runtime hasty = make_runtime(simulator.base_url(), kHasty);
    for (const Fault& fault : kFaults)
      for (const std::string kind : {"generate", "stream", "tools", "embed"})
        for (const Form form : {Form::blocking, Form::async})
          for (const bool lasting : {false, true}) {
            if (kind == "embed" && (fault.has_tokens || form == Form::async))
              continue;                                                 // it has no such form
            if (lasting && fault.lasting == fault.transient) continue;  // nothing is tried again
            Runtime& runtime = fault.transient.starts_with("timeout") ? hasty : patient;
            INFO(fault.what << (lasting ? ", lasting, in " : ", once, in ") << kind
                            << (form == Form::async ? ", async" : ", blocking"));
            simulator.play(script(fault, kind, lasting));
            CHECK(call(runtime, form, kind) == expected(fault, kind, lasting));
            simulator.play(kToolReplies);
            CHECK(call(runtime, form, kind) == "ok");
          }
  }
  CHECK(Resources::settled(before) == before);
}

TEST_CASE("where nothing listens, each kind of call is unreachable, and finds a server that comes later",
          "[faults]") {
  const std::string port = std::to_string(refused_port());
  const Resources before;
  {
    std::optional<Simulator> first(std::in_place, "", std::vector<std::string>{"--port", port});
    Runtime runtime = make_runtime(first->base_url());
    CHECK(call(runtime, Form::blocking, "generate") == "ok");
    first.reset();
    for (const std::string kind : {"generate", "stream", "tools", "embed"})
      for (const Form form : {Form::blocking, Form::async}) {
        INFO(kind << (form == Form::async ? ", async" : ", blocking"));
        CHECK(call(runtime, form, kind) == "unreachable");
      }
    const Simulator again({}, {"--port", port});
    again.play(kToolReplies);
    for (const std::string kind : {"generate", "stream", "tools", "embed"})
      CHECK(call(runtime, Form::async, kind) == "ok");
  }
  CHECK(Resources::settled(before) == before);
}

TEST_CASE("a model that is not loaded is not answered for by the one that is", "[faults]") {
  const Simulator simulator(
      "strict_models: false\njit: false\nmodels: [{key: only, loaded: true}, {key: other}]\n");
  const TempDir folder;
  Runtime runtime = Runtime::open(folder.write("tachikoma.yaml",
                                               "providers: {lmstudio: {base_url: '" + simulator.base_url() +
                                                   "'}}\nmodels: {left: {key: other, owner: jit}}\n"))
                        .value();
  for (const Form form : {Form::blocking, Form::async})
    for (const bool streamed : {false, true}) {
      const auto reply = generate(runtime, form, {.model = "left", .messages = {user("Hello")}}, streamed);
      REQUIRE_FALSE(reply);
      CHECK(reply.error().code == ErrorCode::model_mismatch);
      CHECK(reply.error().detail["asked"].as_string() == "other");
      CHECK(reply.error().detail["served"].as_string() == "only");
    }
}

TEST_CASE(
    "a server that says how long to wait is asked again then, not before; and not at all when that is too "
    "long",
    "[faults]") {
  const Simulator simulator;
  Runtime runtime = make_runtime(simulator.base_url());
  const auto fault = [](const char* seconds) {
    return std::string("faults:\n  - {when: {first: 1}, kind: status, status: 429, retry_after: ") + seconds +
           "}\n";
  };
  simulator.play(fault("1"));
  const auto start = std::chrono::steady_clock::now();
  CHECK(call(runtime, Form::blocking, "generate") == "ok");
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::seconds(1));
  simulator.play(fault("60"));
  CHECK(call(runtime, Form::blocking, "generate") == "rate_limited");
}
