// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "real/real_provider.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::fabs(double{a[i]} - double{b[i]}));
  return most;
}

}  // namespace

TEST_CASE("a text has the same vector alone and in a batch, and the order of the texts is kept", "[real]") {
  const LlamaServer server = LlamaServer::with_model({"alpha"}, {"--embeddings", "--pooling", "mean"});
  RealProvider provider(server);
  std::vector<std::string> texts;
  for (int i = 0; i < 40; ++i)
    texts.push_back("text number " + std::to_string(i * i) + (i % 2 ? " – ü" : ""));

  const Embeddings batch = provider.embed("alpha", texts).value();
  REQUIRE(batch.vectors.size() == texts.size());
  CHECK(batch.served_model == "alpha");
  std::int64_t tokens = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Embeddings alone = provider.embed("alpha", {texts[i]}).value();
    tokens += alone.usage.prompt_tokens.value();
    CHECK(distance(batch.vectors[i], alone.vectors.at(0)) < 1e-4);
    if (i > 0) CHECK(distance(batch.vectors[i], batch.vectors[i - 1]) > 1e-3);
  }
  CHECK(batch.usage.prompt_tokens == tokens);
}

TEST_CASE("a server that only chats says so when it is asked for embeddings", "[real]") {
  const LlamaServer server = LlamaServer::with_model({"alpha"});
  const auto refused = RealProvider(server).embed("alpha", {"Hello"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::unsupported);
  CHECK_THAT(refused.error().hint, ContainsSubstring("--embeddings"));
}
