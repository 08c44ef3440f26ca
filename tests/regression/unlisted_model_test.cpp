// SPDX-License-Identifier: MIT
// A server without a usable list of models (none at that address, `"data": null`, an empty one, or one that
// lacks the model) could not be used at all.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "support/catch.hpp"
#include "support/json_server.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kList = "/v1/models", kChat = "/v1/chat/completions", kEmbed = "/v1/embeddings";
const JsonReply kChatAnswer{R"({"choices":[{"finish_reason":"stop","message":{"content":"Hi"}}]})"};
const JsonReply kListed{R"({"object":"list","data":[{"id":"org/listed","aliases":["nick","Nick2"]},)"
                        R"({"id":"other"},{"id":"other"},{"id":"OTHER"}]})"};

// A runtime with a provider `p` of plugin openai, on a server that answers so.
struct World {
  explicit World(JsonReply list, JsonReply chat = kChatAnswer, const std::string& more = {},
                 const std::string& others = {})
      : server({{kList, std::move(list)},
                {kChat, std::move(chat)},
                {kEmbed, {R"({"data":[{"index":0,"embedding":[1.0]}]})"}}}),
        runtime(Runtime::open(
                    {.file = folder.write("tachikoma.yaml", "providers: {p: {plugin: openai, base_url: '" +
                                                                server.url() + "'}" + others +
                                                                "}\npolicy: {retry: {attempts: 1}}\n" + more),
                     .log = [this](Severity, std::string_view,
                                   std::string_view line) { log += std::string(line) + "\n"; }})
                    .value()) {}

  // What was sent as the model's name, and the notices; or the error.
  std::string ask(const std::string& model) {
    Result<Reply> reply = runtime.generate_text({.model = model, .messages = {user("Hello")}});
    if (!reply)
      return std::string(to_string(reply.error().code)) + ": " + reply.error().message + " | " +
             reply.error().hint;
    std::string sent(base::parse_json(server.last_body(kChat)).value()["model"].as_string());
    for (const std::string& notice : reply->notices) sent += " | " + notice;
    return sent;
  }
  std::size_t lists() const {
    const std::vector<std::string> paths = server.paths();
    return static_cast<std::size_t>(std::count(paths.begin(), paths.end(), kList));
  }

  TempDir folder;
  std::string log;
  JsonServer server;
  Runtime runtime;
};

}  // namespace

TEST_CASE("a server without a list is sent the name, with a notice that says so", "[regression][unlisted]") {
  const std::map<std::string, JsonReply> without = {
      {"404", {R"({"error":{"message":"Not Found"}})", "404 Not Found"}},
      {"405", {"Method Not Allowed", "405 Method Not Allowed"}},
      {"400", {R"({"error":{"message":"bad"}})", "400 Bad Request"}},
      {"403", {R"({"error":{"message":"missing scope model.read"}})", "403 Forbidden"}},
      {"500", {"oops", "500 Internal Server Error"}},
      {"501", {"", "501 Not Implemented"}},
      {"a page", {"<html>hello</html>"}},
      {"an empty reply", {""}},
      {"another list", {R"([{"id":"m"}])"}},
      {"no list", {R"({"models":"none"})"}}};
  for (const auto& [what, list] : without) {
    INFO(what);
    World world(list, kChatAnswer, "models: {alias: {key: m/1, temperature: 0.5}}\n");
    CHECK_THAT(world.ask("p::any/thing:x@y"), StartsWith("any/thing:x@y | 'p' has no list of models (") &&
                                                  ContainsSubstring("): 'any/thing:x@y' was sent unchecked"));
    CHECK_THAT(world.ask("alias"), StartsWith("m/1 | 'p' has no list of models ("));
    CHECK_THAT(world.ask("bare"), StartsWith("bare | 'p' has no list of models ("));
    CHECK_FALSE(world.runtime.models().resolve("p::current"));
  }
}

TEST_CASE("a server that lists nothing is sent the name too", "[regression][unlisted]") {
  for (const char* list : {R"({"object":"list","data":null})", R"({"object":"list","data":[]})"}) {
    World world(JsonReply{list});
    CHECK(world.ask("p::m") == "m | 'p' lists no models: 'm' was sent unchecked");
    CHECK(world.runtime.models().list().failures.empty());
  }
}

TEST_CASE("a name that a list lacks is sent if its provider is named too, or it is configured",
          "[regression][unlisted]") {
  World world(
      kListed, kChatAnswer,
      "models: {alias: {key: unlisted}, part: {key: listed}, othr: {temperature: 1}, n: {key: nick}}\n");
  CHECK(world.ask("p::unlisted") ==
        "unlisted | 'p' does not list 'unlisted', which was sent all the same; "
        "did you mean 'listed'?");
  CHECK(world.ask("alias") == world.ask("p::unlisted"));
  CHECK(world.ask("othr") ==
        "othr | 'p' does not list 'othr', which was sent all the same; did you mean 'other' or 'OTHER'?");
  // a configured key is the name on the server: it is not replaced by a listed one
  CHECK_THAT(world.ask("part"), StartsWith("listed | 'p' does not list 'listed'"));
  CHECK(world.ask("listed") == "org/listed");
  CHECK(world.ask("bare") ==
        "model_not_found: model 'bare' was not found on 'p' | `tachikoma models` lists "
        "the available models; 'p::bare' is sent without being listed");
}

TEST_CASE("names of a list are sent as it spells them, and need no notice", "[regression][unlisted]") {
  World world(kListed, kChatAnswer, "models: {n: {key: nick}, o: {key: other}}\n");
  CHECK(world.ask("p::nick") == "nick");
  CHECK(world.ask("NICK") == "nick");
  CHECK(world.ask("n") == "nick");
  CHECK(world.ask("o") == "other");
  CHECK(world.ask("other") == "other");
  CHECK(world.ask("p::OTHER") == "OTHER");
  CHECK(world.ask("p::Org/Listed") == "org/listed");
}

TEST_CASE("the list is not asked for again with each request", "[regression][unlisted]") {
  World lacking(kListed);
  for (int i = 0; i < 3; ++i) CHECK_THAT(lacking.ask("p::new"), StartsWith("new | "));
  CHECK(lacking.lists() == 1);
  World without({"", "404 Not Found"});
  for (int i = 0; i < 3; ++i) CHECK_THAT(without.ask("p::new"), StartsWith("new | "));
  CHECK(without.lists() == 1);
}

TEST_CASE("a server that refuses the name is quoted, with the names that it lists",
          "[regression][unlisted]") {
  World world(kListed, {R"({"error":{"message":"The model `othr` does not exist"}})", "404 Not Found"},
              "models: {alias: {key: othr, fallback: [p::gone]}}\n");
  CHECK_THAT(
      world.ask("p::othr"),
      StartsWith("model_not_found: ") && ContainsSubstring("does not exist") &&
          ContainsSubstring("'p' does not list 'othr', which was sent all the same; did you mean 'other'"));
  CHECK_THAT(world.ask("alias"), ContainsSubstring("'p::gone' in its place: "));
}

TEST_CASE("the errors of a list that would be the request's too stay errors", "[regression][unlisted]") {
  World locked({R"({"error":{"message":"no key"}})", "401 Unauthorized"});
  CHECK_THAT(locked.ask("p::m"), StartsWith("unauthenticated: "));
  World busy({"", "503 Service Unavailable"});
  CHECK_THAT(busy.ask("p::m"), StartsWith("overloaded: "));
  World slow({"", "429 Too Many Requests"});
  CHECK_THAT(slow.ask("p::m"), StartsWith("rate_limited: "));
  for (const World* each : {&locked, &busy, &slow}) CHECK(each->server.last_body(kChat).empty());
}

TEST_CASE("with several providers, the error says how to ask the one without a list",
          "[regression][unlisted]") {
  World world({"", "404 Not Found"}, kChatAnswer, "", ", echo: {}");
  CHECK_THAT(world.ask("m"),
             StartsWith("model_not_found: model 'm' was not found on any provider; 'p' could not "
                        "be asked: ") &&
                 ContainsSubstring("| if it is there, name it as 'p::m'"));
  CHECK_THAT(world.ask("p::m"), StartsWith("m | "));
  CHECK_THAT(world.ask("echo::m"), StartsWith("model_not_found: "));
}

TEST_CASE("embeddings are asked for in the same way, and the log has the notice", "[regression][unlisted]") {
  World world({"", "404 Not Found"});
  const Result<EmbeddingReply> reply = world.runtime.embed({.model = "p::e", .texts = {"a"}});
  REQUIRE(reply);
  CHECK(base::parse_json(world.server.last_body(kEmbed)).value()["model"].as_string() == "e");
  CHECK_THAT(world.log, ContainsSubstring("'e' was sent unchecked"));
}
