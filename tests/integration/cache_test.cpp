// SPDX-License-Identifier: MIT
// The response cache as an application has it: real plugins, the simulator as the server.
#include <algorithm>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

constexpr char kCacheModels[] = R"(
models: [{key: a, size: 4GB}, {key: b, size: 4GB}]
replies:
  - {when: {contains: person}, json: violating}
  - {when: {contains: think}, reasoning: {text: hm, dialect: think_tags}, chunks: [One, " two", " three"]}
  - {when: {contains: cut}, text: One two three four five}
)";

/// A server, a file, and the runtimes that are made from it.
struct CacheWorld {
  std::optional<Simulator> simulator{kCacheModels};
  TempDir folder;

  std::string config(const std::string& more = "cache: {enabled: true, file: answers.db}\n") const {
    return folder.write("tachikoma.yaml", "providers: {lmstudio: {base_url: '" + simulator->base_url() +
                                              "', api_key: my-secret-key}}\n"
                                              "models: {chat: {provider: lmstudio, key: a}}\n"
                                              "defaults: {model: chat}\n" +
                                              more);
  }
  Runtime open(const std::string& more = "cache: {enabled: true, file: answers.db}\n") const {
    return Runtime::open({.file = config(more), .log = [](auto&&...) {}}).value();
  }
  std::ptrdiff_t count(std::string_view part) const {
    const Value state = simulator->state();
    return std::ranges::count_if(state["requests"].elements(), [&](const Value& request) {
      return request["path"].as_string().find(part) != std::string_view::npos;
    });
  }
  std::ptrdiff_t chats() const { return count("/chat"); }
  std::ptrdiff_t loads() const { return count("load"); }
};

TextRequest cached_request(std::string text) { return {.messages = {user(std::move(text))}}; }

bool is_cached(Runtime& runtime, std::string text) {
  return runtime.generate_text(cached_request(std::move(text))).value().cached;
}

}  // namespace

TEST_CASE("an answer that is cached needs no request to the model, and no load", "[cache]") {
  CacheWorld world;
  std::string text;
  {
    Runtime runtime = world.open();
    const Reply first = runtime.generate_text(cached_request("think")).value();
    CHECK_FALSE(first.cached);
    text = first.text;
    CHECK(runtime.generate_text(cached_request("think")).value().cached);
    CHECK(world.chats() == 1);
  }
  world.simulator->reset();  // nothing is in memory any more
  Runtime runtime = world.open();
  std::string streamed, reasoned;
  const Reply again = runtime
                          .stream_text(cached_request("think"),
                                       [&](const Delta& delta) {
                                         streamed += delta.text();
                                         reasoned += delta.reasoning();
                                         return Flow::proceed;
                                       })
                          .value();
  CHECK(again.cached);
  CHECK(streamed == text);
  CHECK(reasoned == "hm");
  CHECK(world.chats() == 0);
  CHECK(world.loads() == 0);
  CHECK(world.simulator->state()["instances"].elements().empty());
}

TEST_CASE("an answer that is cached is there when its server is gone, for a program that knows its models",
          "[cache]") {
  CacheWorld world;
  Runtime runtime = world.open();
  const std::string text = runtime.generate_text(cached_request("think")).value().text;
  CHECK(is_cached(runtime, "think"));  // and the list says now that its model is loaded
  world.simulator.reset();
  CHECK(runtime.generate_text(cached_request("think")).value().text == text);
  CHECK(runtime.generate_text(cached_request("another")).error().code == ErrorCode::unreachable);
}

TEST_CASE("every form of asking finds what any other has kept", "[cache]") {
  CacheWorld world;
  Runtime runtime = world.open();
  CHECK_FALSE(runtime.generate_text_future(cached_request("think")).get().value().cached);
  const std::ptrdiff_t before = world.chats();

  TextStream stream = runtime.stream_text(cached_request("think")).value();
  std::string text;
  for (const Delta& delta : stream) text += delta.text();
  CHECK(text == "One two three");
  CHECK(stream.reply().value().cached);

  std::vector<TextRequest> requests(20, cached_request("think"));
  for (const Result<Reply>& reply : runtime.batch_generate(std::move(requests)).value())
    CHECK(reply.value().cached);

  Conversation conversation(runtime, "chat");
  CHECK(conversation.send("think").value().cached);

  world.folder.write("in.jsonl", "{\"prompt\": \"think\"}\n");
  const BatchReport report = runtime
                                 .batch_file({.input = (world.folder.path() / "in.jsonl").string(),
                                              .output = (world.folder.path() / "out.jsonl").string()})
                                 .value();
  CHECK(report.succeeded == 1);
  CHECK(runtime.provider("lmstudio").value().generate_text(cached_request("think")).value().text == text);
  CHECK(world.chats() == before);
}

TEST_CASE("an object that fits its schema is cached, and one that does not fit is asked for anew",
          "[cache]") {
  const Value schema =
      Value::object({{"type", "object"},
                     {"properties", Value::object({{"name", Value::object({{"type", "string"}})}})},
                     {"required", Value::array({"name"})}});
  CacheWorld world;
  Runtime runtime = world.open();
  const auto ask = [&](const char* text) { return runtime.generate_object(cached_request(text), schema); };
  CHECK_FALSE(ask("Ada").value().reply.cached);
  CHECK(ask("Ada").value().reply.cached);
  const Reply repaired = ask("person").value().reply;  // the first answer did not fit
  CHECK(repaired.steps == 2);
  const std::ptrdiff_t before = world.chats();
  const Reply again = ask("person").value().reply;
  CHECK_FALSE(again.cached);
  CHECK(again.text == repaired.text);
  CHECK(world.chats() == before + 1);  // what the second request of it was answered is cached
}

TEST_CASE("an answer that was cut short is not cached", "[cache]") {
  CacheWorld world;
  SECTION("by the end of its connection") {
    world.simulator->play("replies: [{text: One two three}]\nfaults: [{kind: close, after_tokens: 2}]\n");
    Runtime runtime = world.open();
    CHECK_FALSE(runtime.stream_text(cached_request("cut"), [](const Delta&) { return Flow::proceed; }));
  }
  SECTION("by an error of the server") {
    world.simulator->play("replies: [{text: One two three}]\nfaults: [{kind: error, after_tokens: 2}]\n");
    Runtime runtime = world.open();
    CHECK_FALSE(runtime.stream_text(cached_request("cut"), [](const Delta&) { return Flow::proceed; }));
  }
  SECTION("by the clock over all of it") {
    world.simulator->play("hold: {answers: [a]}");
    const std::string file = world.folder.write(
        "hurried.yaml", "providers: {lmstudio: {base_url: '" + world.simulator->base_url() +
                            "', timeouts: {total: 300ms}}}\n"
                            "models: {chat: {key: a}}\ndefaults: {model: chat}\n"
                            "cache: {enabled: true, file: answers.db}\n");
    Runtime runtime = Runtime::open({.file = file, .log = [](auto&&...) {}}).value();
    CHECK(runtime.generate_text(cached_request("cut")).error().code == ErrorCode::timeout);
  }
  SECTION("by a stop token") {
    world.simulator->play("hold: {answers: [a]}");
    Runtime runtime = world.open();
    std::stop_source source;
    TextRequest request = cached_request("cut");
    request.stop = source.get_token();
    auto reply = std::async(std::launch::async, [&] { return runtime.generate_text(request); });
    world.simulator->wait_for([](const Value& state) { return state["open_streams"] == Value(1); });
    source.request_stop();
    CHECK(reply.get().error().code == ErrorCode::cancelled);
  }
  SECTION("by whoever reads it") {
    world.simulator->play("hold: {answers: [a]}");
    Runtime runtime = world.open();
    for (const Delta& delta : runtime.stream_text(cached_request("cut")).value())
      if (!delta.text().empty()) break;
  }
  world.simulator->play("replies: [{text: One two three four five}]\n");
  Runtime runtime = world.open();
  CHECK_FALSE(is_cached(runtime, "cut"));
  CHECK(is_cached(runtime, "cut"));
}

TEST_CASE("another server, another model, other load settings and other settings are other requests",
          "[cache]") {
  CacheWorld world;
  const std::string cache = "cache: {enabled: true, file: answers.db}\n";
  const auto cached_with = [&](const std::string& model, const Simulator& simulator) {
    const std::string file =
        world.folder.write("other.yaml", "providers: {lmstudio: {base_url: '" + simulator.base_url() +
                                             "'}}\nmodels: {chat: {" + model + "}}\n" + cache);
    Runtime runtime = Runtime::open({.file = file, .log = [](auto&&...) {}}).value();
    TextRequest request = cached_request("think");
    request.model = "chat";
    return runtime.generate_text(request).value().cached;
  };
  const Simulator &first = *world.simulator, other(kCacheModels);
  for (const char* model : {"key: a", "key: b", "key: a, context_length: 2048", "key: a, temperature: 0.5"})
    for (const Simulator* simulator : {&first, &other}) {
      INFO(model);
      CHECK_FALSE(cached_with(model, *simulator));
      CHECK(cached_with(model, *simulator));
    }
}

TEST_CASE("a reload takes a changed cache over", "[cache][reload]") {
  CacheWorld world;
  Runtime runtime = world.open("");
  CHECK_FALSE(is_cached(runtime, "think"));
  CHECK_FALSE(is_cached(runtime, "think"));

  world.config("cache: {enabled: true, file: one.db}\n");
  const std::vector<std::string> changes = describe(runtime.reload().value());
  CHECK(changes == std::vector<std::string>{"cache is new"});
  CHECK_FALSE(is_cached(runtime, "think"));
  CHECK(is_cached(runtime, "think"));

  world.config("verbose: false\ncache: {enabled: true, file: one.db, ttl: 1h}\n");
  CHECK(describe(runtime.reload().value()) == std::vector<std::string>{"cache.ttl: \"7d\" -> \"1h\""});
  CHECK(is_cached(runtime, "think"));

  world.config("cache: {enabled: true, file: two.db}\n");
  CHECK(runtime.reload());
  CHECK_FALSE(is_cached(runtime, "think"));

  world.config("");
  CHECK(runtime.reload());
  CHECK_FALSE(is_cached(runtime, "think"));
}

TEST_CASE("a cache that can't be used costs a warning, and no answer", "[cache]") {
  CacheWorld world;
  world.folder.write("answers.db/file", "");  // a folder in its place
  std::vector<std::string> warnings;
  Runtime runtime = Runtime::open({.file = world.config(),
                                   .log =
                                       [&](Severity, std::string_view origin, std::string_view text) {
                                         if (origin == "cache") warnings.emplace_back(text);
                                       }})
                        .value();
  for (int i = 0; i < 3; ++i) CHECK_FALSE(is_cached(runtime, "think"));
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], ContainsSubstring("answers.db' is not a file that only you can write"));
}

TEST_CASE("no secret of the configuration is in the cache", "[cache]") {
  CacheWorld world;
  {
    Runtime runtime = world.open();
    CHECK_FALSE(is_cached(runtime, "think"));
  }
  const std::string content = read_file(world.folder.path() / "answers.db");
  CHECK_THAT(content, ContainsSubstring("One"));
  CHECK(content.find("my-secret-key") == std::string::npos);
}

TEST_CASE("a runtime without a file may cache too", "[cache]") {
  CacheWorld world;
  Runtime runtime =
      Runtime::with({.base_url = world.simulator->base_url(),
                     .cache = {.enabled = true, .file = (world.folder.path() / "answers.db").string()},
                     .model = "a"})
          .value();
  CHECK_FALSE(is_cached(runtime, "think"));
  CHECK(is_cached(runtime, "think"));
}
