// SPDX-License-Identifier: MIT
// LM Studio answers for a model that it does not have with the one that is in memory.
#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/chat/chat_reply.hpp"
#include "common/net/tail_room.hpp"
#include "lmstudio/model_names.hpp"
#include "lmstudio/provider.hpp"
#include "support/async_chat.hpp"
#include "support/catch.hpp"
#include "support/loopback_server.hpp"
#include "support/recording_sink.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kList[] =
    R"({"models":[{"type":"llm","key":"org/asked","variants":["org/asked@q4","org/asked@q8"],)"
    R"("loaded_instances":[{"id":"my-id"},{"id":"org/asked:2"}]},)"
    R"({"type":"llm","key":"other","loaded_instances":[{"id":"other"}]}]})";

std::string event_of(const std::string& model, const std::string& text) {
  return R"(data: {"object":"chat.completion.chunk","model":")" + model +
         R"(","choices":[{"index":0,"delta":{"content":")" + text + "\"}}]}\n\n";
}

std::string stream(const std::string& model) {
  return event_of(model, "A") + event_of(model, "B") + event_of(model, "C") + R"(data: {"model":")" + model +
         R"(","choices":[{"delta":{},"finish_reason":"stop"}]})" + "\n\ndata: [DONE]\n\n";
}

std::string document(const std::string& model) {
  return R"({"object":"chat.completion","model":")" + model +
         R"(","choices":[{"finish_reason":"stop","message":{"content":"ABC"}}]})";
}

std::string vectors(const std::string& model) {
  return R"({"object":"list","model":")" + model + R"(","data":[{"index":0,"embedding":[1,2]}]})";
}

/// Answers the request of each connection by its path, and closes: what is asked meanwhile comes over
/// another.
class Studio {
 public:
  Studio(std::string answer, std::string list = kList)
      : answer_(std::move(answer)),
        list_(std::move(list)),
        server_([this](Peer& peer, int) { serve(peer); }) {}

  int lists() const { return lists_; }
  std::string url() const { return server_.url(); }

 private:
  void serve(Peer& peer) {
    const std::string request = peer.read_request();
    const bool greets = request.starts_with("GET /lmstudio-greeting");
    const bool asks = !greets && request.starts_with("GET");
    if (asks) ++lists_;
    const std::string body = greets ? R"({"lmstudio":true})" : asks ? list_ : answer_;
    const bool streams = body.starts_with("data:");
    peer.send(std::string("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: ") +
              (streams ? "text/event-stream" : "application/json") +
              "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  std::string answer_, list_;
  std::atomic<int> lists_ = 0;
  LoopbackServer server_;
};

// Plays a reply whose model nobody knows, in two pieces; it is settled between them, or once both have come.
std::string play(const std::string& body, std::size_t cut, bool settle_early, bool same_model) {
  RecordingSink sink;
  const kit::ChatFacts facts{.request = {.base_url = "http://host:1", .model = "asked"},
                             .judge_served = [](auto&&...) { return kit::ServedModel::unknown; }};
  kit::ChatReply reply(sink, facts);
  reply.on_head(kit::HttpHead{.status = 200});
  Flow flow = Flow::proceed;
  for (const std::string& piece : {body.substr(0, cut), body.substr(cut)}) {
    std::string copy;
    copy.reserve(piece.size() + kit::kTailRoom);
    copy = piece;
    if (flow == Flow::proceed && !piece.empty()) flow = reply.on_body(copy);
    if (settle_early && !reply.undecided().empty()) flow = reply.settle(same_model);
  }
  std::optional<Result<ChatOutcome>> outcome;
  while (!(outcome = reply.finish(Done{}))) reply.settle(same_model);
  return sink.lines + describe(*outcome);
}

class Client {
 public:
  explicit Client(const std::string& url)
      : provider_(lmstudio::LmStudio::make(Value::object({{"base_url", url}}), host_).value()) {}

  Result<ChatOutcome> chat(Driver driver, const std::string& model = "org/asked") {
    sink = {};
    return tachikoma::testing::chat(*provider_, driver, {.model = model, .messages = {{Role::user, "Hi"}}},
                                    sink, {cancellation, "1"});
  }
  Result<Embeddings> embed(const std::string& model) {
    const std::vector<std::string> texts = {"a"};
    return static_cast<Embedder*>(provider_->capability(Embedder::kId))
        ->embed(model, texts, {cancellation, "1"});
  }
  Provider& provider() { return *provider_; }

  TestCancellation cancellation;
  RecordingSink sink;

 private:
  TestHost host_;
  std::unique_ptr<Provider> provider_;
};

}  // namespace

TEST_CASE("names of one model differ in case, instance, variant and publisher", "[served]") {
  using lmstudio::same_name;
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{{"m", "m"},
                                                                             {"m", "M"},
                                                                             {"m", "m:2"},
                                                                             {"m:3", "m:2"},
                                                                             {"m", "m@q4_k_m"},
                                                                             {"m@Q4", "m@q4:2"},
                                                                             {"org/m", "m"},
                                                                             {"org/m@q4", "M:12"}}) {
    INFO(a << " " << b);
    CHECK(same_name(a, b));
    CHECK(same_name(b, a));
  }
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{{"m", "n"},
                                                                             {"m", "m2"},
                                                                             {"m@q4", "m@q8"},
                                                                             {"one/m", "two/m"},
                                                                             {"m", "m:x"},
                                                                             {"m", ""},
                                                                             {"m", "org/"}}) {
    INFO(a << " " << b);
    CHECK_FALSE(same_name(a, b));
    CHECK_FALSE(same_name(b, a));
  }
}

TEST_CASE("an instance, a variant or another spelling of the model that was asked for is that model",
          "[served]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::string served = GENERATE("org/asked", "ORG/Asked", "org/asked:2", "org/asked@q4", "asked");
  const Studio studio(stream(served));
  Client client(studio.url());
  const auto outcome = client.chat(driver);
  REQUIRE(outcome);
  CHECK(outcome->served_model == served);
  CHECK(client.sink.text == "ABC");
  CHECK(studio.lists() == 0);
}

TEST_CASE("a name that only LM Studio's list explains is looked up once", "[served]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::string answer = GENERATE(stream("my-id"), document("my-id"));
  const Studio studio(answer);
  Client client(studio.url());
  for (int round = 0; round < 2; ++round) {
    const auto outcome = client.chat(driver);
    REQUIRE(outcome);
    CHECK(outcome->served_model == "my-id");
    CHECK(client.sink.text == "ABC");
    CHECK(studio.lists() == 1);
  }
}

TEST_CASE("an answer of another model is an error, and nothing of it is told", "[served]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const std::string answer = GENERATE(stream("other"), document("other"));
  const Studio studio(answer);
  Client client(studio.url());
  const auto outcome = client.chat(driver);
  REQUIRE_FALSE(outcome);
  const Error& error = outcome.error();
  CHECK(error.code == ErrorCode::model_mismatch);
  CHECK(error.message ==
        "LM Studio at " + studio.url() + " answered with the model 'other', not with 'org/asked'");
  CHECK_THAT(error.hint, StartsWith("load the wanted model with: tachikoma load org/asked"));
  CHECK(error.detail["asked"].as_string() == "org/asked");
  CHECK(error.detail["served"].as_string() == "other");
  CHECK_FALSE(error.retryable);
  CHECK(client.sink.lines.empty());
}

TEST_CASE("without a list, another name is another model", "[served]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const Studio studio(stream("my-id"), R"({"error":"Unexpected endpoint or method."})");
  Client client(studio.url());
  CHECK(client.chat(driver).error().code == ErrorCode::model_mismatch);
  CHECK(client.sink.lines.empty());
}

TEST_CASE("an answer that names no model is taken", "[served]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const Studio studio(
      "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}\n\n");
  Client client(studio.url());
  CHECK(client.chat(driver));
  CHECK(client.sink.text == "Hi");
}

TEST_CASE("any model may answer a request that names none", "[served]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const Studio studio(stream("other"));
  Client client(studio.url());
  CHECK(client.chat(driver, "").value().served_model == "other");
  CHECK(studio.lists() == 0);
}

TEST_CASE("another model in the middle of an answer ends it", "[served]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const Studio studio(event_of("org/asked", "A") + event_of("other", "B") + stream("other"));
  Client client(studio.url());
  CHECK(client.chat(driver).error().code == ErrorCode::model_mismatch);
  CHECK(client.sink.text == "A");
}

TEST_CASE("a server that fails while its list is asked for has failed, by either name", "[served]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const Studio studio(event_of("my-id", "A"));  // and no end
  Client client(studio.url());
  CHECK(client.chat(driver).error().code == ErrorCode::model_lost);
  CHECK(client.sink.text == "A");
}

TEST_CASE("a call is cancelled while the name of the model that answers is looked up", "[served]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  std::promise<void> asked;
  LoopbackServer server([&](Peer& peer, int number) {
    peer.read_request();
    if (number > 1) asked.set_value();
    const std::string answer = number == 0 ? R"({"lmstudio":true})" : event_of("my-id", "A");
    if (number < 2)
      peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + answer);
    else
      peer.wait_for_close();
  });
  Client client(server.url());
  auto call = std::async(std::launch::async, [&] { return client.chat(driver); });
  asked.get_future().wait();
  client.cancellation.request();
  const auto outcome = call.get();
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == ErrorCode::cancelled);
  CHECK(client.sink.lines.empty());
}

TEST_CASE("whenever a name is settled, and however the reply is cut, the same is told", "[served]") {
  for (const std::string& body : {stream("s"), document("s")}) {
    const std::string expected = play(body, body.size(), true, true);
    CHECK_THAT(expected, ContainsSubstring("model: s"));
    const std::string refused = play(body, body.size(), true, false);
    CHECK_THAT(refused, StartsWith("error: model_mismatch"));
    for (std::size_t cut = 0; cut <= body.size(); ++cut)
      for (const bool early : {true, false}) {
        INFO(cut << " " << early);
        CHECK(play(body, cut, early, true) == expected);
        CHECK(play(body, cut, early, false) == refused);
      }
  }
}

TEST_CASE("embeddings of another model are an error, those of an instance are not", "[served]") {
  const Studio right(vectors("my-id")), wrong(vectors("other"));
  CHECK(Client(right.url()).embed("org/asked").value().served_model == "my-id");
  CHECK(right.lists() == 1);
  Client client(wrong.url());
  const auto refused = client.embed("org/asked");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::model_mismatch);
  CHECK(refused.error().detail["served"].as_string() == "other");
}

TEST_CASE("servers that name their models as they like are not judged by it", "[served]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  const Studio server(stream("gpt-4o-2024-08-06"));
  TestHost host;
  TestCancellation cancellation;
  RecordingSink sink;
  const auto provider = kit::make_server_provider<kit::OpenAiCompatibleProvider>(
                            Value::object({{"base_url", server.url()}}), host)
                            .value();
  const auto outcome = chat(*provider, driver, {.model = "gpt-4o"}, sink, {cancellation, "1"});
  REQUIRE(outcome);
  CHECK(outcome->served_model == "gpt-4o-2024-08-06");
  CHECK(sink.text == "ABC");
}
