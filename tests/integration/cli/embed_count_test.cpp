// SPDX-License-Identifier: MIT
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kEmbedder[] = "text-embedding-nomic-embed-text-v1.5";

std::string config_for(const Simulator& simulator) {
  return "providers: {lmstudio: {base_url: \"" + simulator.base_url() + "\"}}\n";
}

}  // namespace

TEST_CASE("embed prints one vector a line, in the texts' order, from words as from a pipe", "[cli][embed]") {
  const Simulator simulator;
  const Shell shell(config_for(simulator));
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
  const Shell shell(config_for(simulator));
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

TEST_CASE("a server that can't count is said to, and nothing is estimated", "[cli][count]") {
  const Simulator simulator("faults: [{when: {route: /llm}, kind: status, status: 403}]\n");
  const Shell shell(config_for(simulator));
  const Finished counted = shell.tachikoma({"count", "-m", "mistral-7b", "one two three"});
  CHECK(counted.exit_code == 1);
  CHECK(counted.out.empty());
  CHECK_THAT(counted.err, ContainsSubstring("can't count tokens"));
}
