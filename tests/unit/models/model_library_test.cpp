// SPDX-License-Identifier: MIT
// config/model-library.yaml: each figure is computed here once more from the architecture beside it, and its
// errors are those of a configuration.
#include "models/model_library.hpp"

#include <cmath>
#include <string>

#include "config/model_library.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kLibraryFile = TACHIKOMA_SOURCE_DIR "/config/model-library.yaml";

double real(const Value& value) { return value.as_real(); }

/// The weights that an architecture has, in whole numbers of its matrices; biases and norms are below a
/// thousandth.
struct Weights {
  double all = 0;
  double read = 0;     ///< for each token: one row of the table of embeddings does not count
  double experts = 0;  ///< of all
};

Weights weights_of(const Value& model) {
  const double layers = real(model["layers"]), hidden = real(model["hidden_size"]);
  const Value& attention = model["attention"];
  const double head = real(attention["head_size"]);
  const double heads = real(attention["heads"]) * head, kv_heads = real(attention["kv_heads"]) * head;
  const double table = real(model["vocabulary"]) * hidden;
  double fixed = table + layers * 2 * hidden * (heads + kv_heads);
  double expert = 0, total = 0, active = 0;
  if (const Value& experts = model["experts"]; !experts.is_null()) {
    const double dense = real(model["dense"]["layers"]);
    fixed += dense * 3 * hidden * real(model["dense"]["feed_forward"]);
    fixed += (layers - dense) * hidden * (real(experts["total"]) + 3 * real(experts["shared_feed_forward"]));
    expert = (layers - dense) * 3 * hidden * real(experts["feed_forward"]);
    total = real(experts["total"]);
    active = real(experts["active"]);
  } else {
    fixed += layers * 3 * hidden * real(model["feed_forward"]);
  }
  const double embeddings = model["tied_embeddings"].as_bool() ? 0 : table;
  return {fixed + embeddings + expert * total, fixed + expert * active, expert * total};
}

bool within(double share, double a, double b) { return std::abs(a - b) <= share * b; }

// Everything in MXFP4 but the experts is in Q8_0.
double bytes_in(const std::string& quantization, const Weights& weights, const Value& bits) {
  if (quantization != "MXFP4") return weights.all * real(bits[quantization]) / 8;
  return (weights.experts * real(bits["MXFP4"]) + (weights.all - weights.experts) * real(bits["Q8_0"])) / 8;
}

std::string complaint(const std::string& from, const std::string& to) {
  std::string text = read_file(kLibraryFile);
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  return config::check_model_library(text, "library.yaml").error().message;
}

}  // namespace

TEST_CASE("the parameters of each model of the library follow from its architecture", "[library]") {
  const Value library = config::read_model_library(kLibraryFile).value();
  REQUIRE(library["models"].members().size() >= 40);
  for (const Member& each : library["models"].members()) {
    INFO(each.key);
    const Weights weights = weights_of(each.value);
    CHECK(within(0.006, real(each.value["parameters"]), weights.all));
    if (!each.value["active_parameters"].is_null())
      CHECK(within(0.006, real(each.value["active_parameters"]), weights.read));
    CHECK_FALSE(each.value["source"].as_string().empty());
    CHECK(each.value["sliding_window"]["layers"].as_integer() <= each.value["layers"].as_integer());
  }
}

TEST_CASE("the sizes of each model of the library are its parameters by the bits of the quantization",
          "[library]") {
  const Value library = config::read_model_library(kLibraryFile).value();
  for (const Member& each : library["models"].members())
    for (const Member& size : each.value["sizes"].members()) {
      INFO(each.key << " in " << size.key);
      CHECK(library["bits_per_weight"].find(size.key));
      CHECK(within(0.02, real(size.value),
                   bytes_in(size.key, weights_of(each.value), library["bits_per_weight"])));
    }
}

TEST_CASE("where the document's size can't be right, the library says why its own differs", "[library]") {
  const Value library = config::read_model_library(kLibraryFile).value();
  int documented = 0;
  for (const Member& each : library["models"].members()) {
    const Value& document = each.value["document"];
    if (document.is_null()) continue;
    INFO(each.key);
    ++documented;
    const double expected = bytes_in(std::string(document["quantization"].as_string()),
                                     weights_of(each.value), library["bits_per_weight"]);
    CHECK(within(0.05, real(document["size"]), expected) == each.value["correction"].is_null());
  }
  CHECK(documented == 6);
}

TEST_CASE("the context of a model of the library takes what its layers keep of it", "[library]") {
  const models::ModelLibrary library = models::ModelLibrary::read({}).value();
  const auto kibibytes = [&](const char* name, std::int64_t tokens) {
    const models::LibraryModel* model = library.find(name);
    REQUIRE(model);
    const Sourced<std::int64_t> bytes = context_bytes(*model, tokens);
    CHECK(bytes.source == Source::estimated);
    CHECK_THAT(bytes.basis, ContainsSubstring(name));
    return bytes.value / 1024;
  };
  // two times layers by heads by their size, of two bytes each
  CHECK(kibibytes("llama-3.1-8b", 1) == 2 * 32 * 8 * 128 * 2 / 1024);
  CHECK(kibibytes("llama-3.1-8b", 8192) == 1024 * 1024);
  // half of the layers keep 128 tokens only
  CHECK(kibibytes("gpt-oss-20b", 100) == 2 * 24 * 8 * 64 * 2 * 100 / 1024);
  CHECK(kibibytes("gpt-oss-20b", 8192) == 2 * 12 * 8 * 64 * 2 * (8192 + 128) / 1024);
}

TEST_CASE("a key is known by the longest name of the library in it", "[library]") {
  const models::ModelLibrary library = models::ModelLibrary::read({}).value();
  const auto found = [&](const char* key) {
    const models::LibraryModel* model = library.find(key);
    return model ? model->name : "";
  };
  CHECK(found("openai/gpt-oss-20b") == "gpt-oss-20b");
  CHECK(found("lmstudio-community/Qwen3-8B-GGUF") == "qwen3-8b");
  CHECK(found("meta-llama-3.1-8b-instruct") == "llama-3.1-8b");
  CHECK(found("gpt-oss-120b-q4_k_m") == "gpt-oss-120b");
  CHECK(found("qwen2.5-coder-32b-instruct@q4_k_m") == "qwen2.5-coder-32b");
  CHECK(found("DeepSeek-R1-Distill-Llama-8B") == "deepseek-r1-distill-llama-8b");
  CHECK(found("llama-3.3-70b").empty());  // no other version
  CHECK(found("qwen3-80b").empty());      // no other size
  CHECK(found("mixtral").empty());
  CHECK(found("").empty());
}

TEST_CASE("the built-in library is the file", "[library]") {
  CHECK(config::own_model_library().value() == config::read_model_library(kLibraryFile).value());
}

TEST_CASE("the errors of a model library name their places", "[library]") {
  CHECK_THAT(complaint("    layers: 36\n", "    layerz: 36\n"),
             ContainsSubstring("library.yaml:27:5: ") && ContainsSubstring("did you mean 'layers'?"));
  CHECK_THAT(complaint("layers: 36", "layers: many"), ContainsSubstring("library.yaml:27:13: "));
  CHECK_THAT(complaint("tasks: [reasoning", "tasks: [reasonign"),
             ContainsSubstring("did you mean 'reasoning'?"));
  CHECK_THAT(complaint("    status: verified", "    status: guessed"), ContainsSubstring("'guessed'"));
  CHECK_THAT(complaint("MXFP4: 63.2GB", "MXFP4: 63 barrels"), ContainsSubstring("library.yaml:35:"));
  CHECK_THAT(complaint("    feed_forward: 28672\n", ""),
             ContainsSubstring("either 'feed_forward' or 'experts'"));
  CHECK_THAT(complaint("    active_parameters: 5.13e9\n", ""), ContainsSubstring("belong together"));
  CHECK_THAT(complaint("    document: {size: 65GB, quantization: Q4_K_M}\n", ""),
             ContainsSubstring("there is no 'document'"));
  CHECK_THAT(complaint("  llama-3-70b:\n", "  gpt-oss-120b:\n"), ContainsSubstring("gpt-oss-120b"));
  CHECK_THAT(config::check_model_library("[]", "l").error().message, ContainsSubstring("expected a mapping"));
  CHECK(config::check_model_library("", "l").error().code == ErrorCode::config_invalid);
  CHECK(models::ModelLibrary::read("/nowhere/library.yaml").error().code == ErrorCode::config_invalid);
}
