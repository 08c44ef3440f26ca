// SPDX-License-Identifier: MIT
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kEmbedder[] = "text-embedding-nomic-embed-text-v1.5";

std::string plain_config(const Simulator& simulator) {
  return "providers: {lmstudio: {base_url: \"" + simulator.base_url() + "\"}}\n";
}

}  // namespace

TEST_CASE("embed prints one vector a line, in the texts' order, from words as from a pipe", "[cli][embed]") {
  const Simulator simulator;
  const Shell shell(plain_config(simulator));
  const Finished words = shell.tachikoma({"embed", "-m", kEmbedder, "first text", "second text"});
  INFO(words.err);
  CHECK(words.exit_code == 0);
  const std::vector<Value> vectors = json_lines_of(words.out);
  REQUIRE(vectors.size() == 2);
  CHECK(vectors[0].elements().size() == 768);
  CHECK_FALSE(vectors[0] == vectors[1]);
  CHECK(shell.tachikoma({"embed", "-m", kEmbedder}, "first text\nsecond text\n").out == words.out);
  CHECK(shell.tachikoma({"embed", "-m", kEmbedder, "-"}, "first text\nsecond text").out == words.out);
  const Value whole = json_of(shell.tachikoma({"embed", "--json", "-m", kEmbedder, "first text"}).out);
  CHECK(whole["kind"].as_string() == "embeddings");
  CHECK(whole["data"]["vectors"].elements().at(0) == vectors[0]);
  CHECK(whole["data"]["model"].as_string() == kEmbedder);
}

TEST_CASE("embed refuses what is no text, and a model that embeds nothing", "[cli][embed]") {
  const Simulator simulator;
  const Shell shell(plain_config(simulator));
  CHECK(shell.tachikoma({"embed", "-m", kEmbedder}, "").exit_code == 2);
  CHECK(shell.tachikoma({"embed", "-m", kEmbedder}, "one\n\ntwo\n").exit_code == 2);
  CHECK(shell.tachikoma({"embed", "-m", kEmbedder, "\xFF"}).exit_code == 2);
  const Finished chat_model = shell.tachikoma({"embed", "-m", "mistral-7b", "text"});
  CHECK(chat_model.exit_code != 0);
  CHECK_THAT(chat_model.err, StartsWith("tachikoma: ") && ContainsSubstring("mistral-7b"));
}

TEST_CASE("count prints the provider's own count, of the prompt or of a text alone", "[cli][count]") {
  const Shell shell(kEchoes);
  const Finished prompt = shell.tachikoma({"count", "-s", "Be brief", "one two three"});
  INFO(prompt.err);
  CHECK(prompt.out == "5\n");
  CHECK(shell.tachikoma({"count", "--plain", "one two three"}).out == "3\n");
  const Value tokens = json_of(shell.tachikoma({"count", "--json", "one two three"}).out)["data"]["tokens"];
  CHECK(tokens["value"].as_integer() == 3);
  CHECK(tokens["source"].as_string() == "reported");
  CHECK(tokens["unit"].as_string() == "tokens");
  CHECK(shell.tachikoma({"count", "--plain", "-s", "Be brief", "one"}).exit_code == 2);
}

TEST_CASE("count asks LM Studio over its WebSocket, and estimates nothing where there is none",
          "[cli][count]") {
  const Simulator simulator;
  const Finished counted =
      Shell(plain_config(simulator)).tachikoma({"count", "-m", "mistral-7b", "--plain", "one two three"});
  INFO(counted.err);
  CHECK(counted.out == "3\n");
  const Simulator without("websocket: {upgrade: refused}");
  const Finished refused =
      Shell(plain_config(without)).tachikoma({"count", "-m", "mistral-7b", "one two three"});
  CHECK(refused.exit_code == 1);
  CHECK(refused.out.empty());
  CHECK_THAT(refused.err, ContainsSubstring("can't count tokens over HTTP"));
}
