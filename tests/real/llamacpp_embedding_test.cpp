// SPDX-License-Identifier: MIT
// Embedding models with llama.cpp servers that the plugin starts.
#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "real/cli.hpp"
#include "real/launched_world.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

TinyModel encoder(std::string name) { return {std::move(name), {"--embedding", "--context", "512"}}; }

double product(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

}  // namespace

TEST_CASE("An embedding model is listed as one, and gives vectors without a word about how to start it",
          "[real][llamacpp]") {
  const LaunchedWorld world({encoder("vectors"), {"alpha"}});
  Runtime runtime = world.open();
  const std::vector<ModelInfo> models = runtime.provider("local").value().list_models().value();
  REQUIRE(models.size() == 2);
  CHECK(models[0].kind == ModelKind::llm);
  CHECK(models[1].key == "vectors");
  CHECK(models[1].kind == ModelKind::embedding);
  CHECK(models[1].architecture == "bert");

  const EmbeddingReply reply = runtime
                                   .embed({.model = "vectors",
                                           .texts = {"the rain in spain", "seven green boats",
                                                     "the rain in spain", "the rain in rome"}})
                                   .value();
  REQUIRE(reply.vectors.size() == 4);
  for (const std::vector<float>& vector : reply.vectors) {
    CHECK(vector.size() == 64);
    CHECK(product(vector, vector) == Approx(1).margin(1e-4));
  }
  const auto near = [&](std::size_t a, std::size_t b) { return product(reply.vectors[a], reply.vectors[b]); };
  CHECK(near(0, 2) == Approx(1).margin(1e-4));
  CHECK(near(0, 3) < 0.999);
  CHECK(near(0, 3) > near(0, 1));
  CHECK(reply.usage.prompt_tokens.value_or(0) > 0);
  CHECK(reply.model == "vectors");
  CHECK(world.servers().size() == 1);
  CHECK(runtime.model_status("vectors").value().state == ModelState::loaded);
}

TEST_CASE("The command line embeds with a real server, a line for each text", "[real][llamacpp]") {
  const LaunchedWorld world({encoder("vectors")});
  const Finished embedded = run(cli(world.config, {"embed", "-m", "vectors", "--json", "one", "two"}));
  INFO(embedded.err);
  REQUIRE(embedded.exit_code == 0);
  const Value data = json_lines(embedded.out).at(0)["data"];
  CHECK(data["vectors"].elements().size() == 2);
  CHECK(world.servers().empty());
}

TEST_CASE("A model that is asked for what it can't do is not loaded for it, and the error says what it is",
          "[real][llamacpp]") {
  const LaunchedWorld world({encoder("vectors"), {"alpha"}});
  Runtime runtime = world.open();
  const auto chat = runtime.generate_text({.model = "vectors", .messages = {user("Hello")}});
  REQUIRE_FALSE(chat);
  CHECK(chat.error().code == ErrorCode::unsupported);
  CHECK_THAT(chat.error().message, ContainsSubstring("'vectors' is an embedding model"));
  CHECK(runtime.generate_text_future({.model = "vectors", .messages = {user("Hi")}}).get().error().code ==
        ErrorCode::unsupported);
  const auto embedding = runtime.embed({.model = "alpha", .texts = {"Hello"}});
  REQUIRE_FALSE(embedding);
  CHECK(embedding.error().code == ErrorCode::unsupported);
  CHECK_THAT(embedding.error().message, ContainsSubstring("'alpha' is a text model"));
  CHECK(world.servers().empty());

  REQUIRE(runtime.load_model(
      "alpha",
      {.extra = Value::object({{"embeddings", true}, {"pooling", "mean"}, {"embd-normalize", -1}})}));
  const auto vectors = runtime.embed({.model = "alpha", .texts = {"Hello"}}).value().vectors;
  CHECK(vectors.at(0).size() == 64);
  CHECK(product(vectors[0], vectors[0]) > 1.1);  // as the server was told
}

TEST_CASE("A text that is longer than the batch is refused, and the error says what to raise",
          "[real][llamacpp]") {
  const LaunchedWorld world({encoder("vectors")});
  Runtime runtime = world.open();
  REQUIRE(runtime.load_model("vectors", {.batch_size = 64, .micro_batch_size = 64}));
  const auto refused = runtime.embed({.model = "vectors", .texts = {std::string(300, 'x')}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::context_too_long);
  CHECK_THAT(refused.error().hint, ContainsSubstring("micro_batch_size"));
}
