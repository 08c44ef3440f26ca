// SPDX-License-Identifier: MIT
#include "common/chat/embeddings.hpp"

#include <string>
#include <vector>

#include "common/net/tail_room.hpp"
#include "common/provider/openai_provider.hpp"
#include "support/catch.hpp"
#include "support/json_server.hpp"
#include "support/recording_sink.hpp"
#include "support/test_host.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::vector<std::string> kTwoTexts = {"a", "b"};

Result<Embeddings> read_two(std::string body) {
  body.reserve(body.size() + kit::kTailRoom);
  return kit::read_embeddings(body, 2, "http://h");
}

std::string refusal(const std::string& body) {
  const auto read = read_two(body);
  if (read) return "taken";
  CHECK(read.error().code == ErrorCode::protocol);
  return read.error().message.substr(std::string("the embeddings of http://h can't be used: ").size());
}

// What a provider makes of one answer to POST /v1/embeddings.
Result<Embeddings> embed(const JsonServer& server) {
  TestHost host;
  TestCancellation cancellation;
  const auto provider = kit::make_server_provider<kit::OpenAiCompatibleProvider>(
                            Value::object({{"base_url", server.url()}}), host)
                            .value();
  auto* embedder = static_cast<Embedder*>(provider->capability(Embedder::kId));
  REQUIRE(embedder);
  return embedder->embed("m", kTwoTexts, {cancellation, "1"});
}

}  // namespace

TEST_CASE("a request for embeddings lists its texts and asks for no encoding", "[embeddings]") {
  CHECK(kit::write_embedding_request("m", std::vector<std::string>{"a \"b\"", "", "ü"}) ==
        R"({"model":"m","input":["a \"b\"","","ü"]})");
}

TEST_CASE("embeddings come in the order of their index", "[embeddings]") {
  const auto read =
      read_two(R"({"model":"m@q4","usage":{"prompt_tokens":7,"total_tokens":7},"data":[)"
               R"({"index":1,"embedding":[3,-4.5]},{"object":"embedding","embedding":[1,2e-3],"index":0}]})");
  REQUIRE(read);
  CHECK(read->vectors == std::vector<std::vector<float>>{{1.0f, 2e-3f}, {3.0f, -4.5f}});
  CHECK(read->served_model == "m@q4");
  CHECK(read->usage == Usage{.prompt_tokens = 7, .completion_tokens = {}, .reasoning_tokens = {}});
}

TEST_CASE("embeddings without an index come in their own order, and zero tokens are not counted",
          "[embeddings]") {
  const auto read = read_two(
      R"({"data":[{"embedding":[1]},{"embedding":[2]}],"usage":{"prompt_tokens":0,"total_tokens":0}})");
  REQUIRE(read);
  CHECK(read->vectors == std::vector<std::vector<float>>{{1.0f}, {2.0f}});
  CHECK(read->usage == Usage{});
}

TEST_CASE("a reply that has not one vector for each text is refused with its fault", "[embeddings]") {
  CHECK(refusal(R"({"data":[{"index":0,"embedding":[1]}]})") == "2 texts were sent, and 1 vectors came");
  CHECK(refusal(R"({"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]})") ==
        "the vector of text 0 occurs twice");
  CHECK(refusal(R"({"data":[{"index":2,"embedding":[1]}]})") == "the vector of text 2 was not asked for");
  CHECK(refusal(R"({"data":[{"index":-1,"embedding":[1]}]})") == "the index of vector 0 is not a number");
  CHECK(refusal(R"({"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]})") ==
        "one vector has 1 numbers, another 2");
  CHECK(refusal(R"({"data":[{"index":0,"embedding":"AACAPw=="}]})") ==
        "the vector of text 0 is not a list of numbers within the range of a float");
  CHECK(refusal(R"({"data":[{"index":0,"embedding":[1,null]}]})") ==
        "the vector of text 0 is not a list of numbers within the range of a float");
  CHECK(refusal(R"({"data":[{"index":0,"embedding":[]}]})") ==
        "the vector of text 0 is not a list of numbers within the range of a float");
  CHECK(refusal(R"({"data":[7]})") == "the index of vector 0 is not a number");
  CHECK(refusal(R"({"data":{}})") == "'{\"data\":{}}' is not a list of vectors");
  CHECK(refusal("") == "'' is not a list of vectors");
  for (const std::string rest : {"", ",", ",{\"embedding\":[2]}", ",{\"embedding\":[2]}]",
                                 ",{\"embedding\":[2]}]}}", ",{\"embedding\":[2]}],\"usage\":"}) {
    const std::string body = R"({"data":[{"embedding":[1]})" + rest;
    CHECK(refusal(body) == "'" + body + "' is not a list of vectors");
  }
}

TEST_CASE("a provider embeds, and says a server's failure in the server's words", "[embeddings]") {
  const JsonServer good({{"/v1/embeddings", JsonReply{R"({"data":[{"embedding":[1]},{"embedding":[2]}]})"}}});
  const auto embeddings = embed(good);
  REQUIRE(embeddings);
  CHECK(embeddings->vectors.at(1).at(0) == 2.0f);
  CHECK(good.last_body("/v1/embeddings") == R"({"model":"m","input":["a","b"]})");

  const JsonServer chat_only(
      {{"/v1/embeddings",
        JsonReply{
            R"({"error":{"code":501,"message":"This server does not support embeddings. Start it with `--embeddings`","type":"not_supported_error"}})",
            "501 Not Implemented"}}});
  CHECK(embed(chat_only).error().code == ErrorCode::unsupported);
  CHECK_THAT(embed(chat_only).error().hint, ContainsSubstring("--embeddings"));

  const JsonServer without({});
  CHECK(embed(without).error().code == ErrorCode::unsupported);

  const JsonServer garbage({{"/v1/embeddings", JsonReply{"[1,2]"}}});
  CHECK(embed(garbage).error().code == ErrorCode::protocol);
}
