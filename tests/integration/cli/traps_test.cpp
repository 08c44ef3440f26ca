// SPDX-License-Identifier: MIT
// What LM Studio does otherwise than one expects, as users of this program see it.
#include <set>
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string config_of_lm(const Simulator& simulator, const std::string& more = {}) {
  return "providers: {lm: {plugin: lmstudio, base_url: '" + simulator.base_url() + "'}}\n" + more;
}

std::set<std::string> formats(const Finished& listing) {
  INFO(listing.err);
  const Value models = json_of(listing.out)["data"]["models"];
  std::set<std::string> seen;
  for (const Value& model : models.elements()) seen.emplace(model["format"].as_string());
  return seen;
}

}  // namespace

TEST_CASE("A server without a loaded model is the same error for LM Studio 0.3 and 0.4") {
  for (const char* version : {"0.3.5", "0.4.23"}) {
    INFO(version);
    const Simulator simulator(
        "jit: false\nstrict_models: false\nmodels: [{key: a}]\nversion: " + std::string(version) + "\n");
    const Shell shell(config_of_lm(simulator, "models: {left: {provider: lm, key: a, owner: jit}}\n"));
    const Finished asked = shell.tachikoma({"ask", "-m", "left", "Hi"});
    CHECK(asked.exit_code == 6);
    CHECK_THAT(asked.err, ContainsSubstring("has no model loaded, and loads none for a request"));
    CHECK(shell.tachikoma({"ask", "-m", "a", "Hi"}).exit_code == 0);  // loaded before it is asked
  }
}

TEST_CASE("Layers that a strict cap takes off the GPU are not said to be there") {
  const Simulator simulator("vram: 24GB\nmodels: [{key: big, size: 40GB}]\n");
  const Shell shell(config_of_lm(simulator,
                                 "models: {capped: {provider: lm, key: big, n_gpu_layers: -1, load: {extra: "
                                 "{load.gpuStrictVramCap: true}}}}\n"));
  const Value loaded = json_of(shell.tachikoma({"load", "capped", "--json"}).out)["data"];
  const Value& unapplied = loaded["unapplied"].elements().front();
  CHECK(unapplied["name"].as_string() == "gpu_layers");
  CHECK(unapplied["asked"].as_integer() == -1);
  CHECK(unapplied["applied"].as_string() == "54.0%");
}

TEST_CASE("An MLX model is one, whichever surface lists it") {
  const std::set<std::string> both{"gguf", "mlx"};
  const std::string models = "models: [{key: apple, format: mlx}, {key: plain}]\n";
  for (const char* surface : {"native_api: true\n", "native_api: false\n"}) {
    const Simulator simulator(surface + models);
    CHECK(formats(Shell(config_of_lm(simulator)).tachikoma({"models", "--json"})) == both);
  }
  const Simulator quiet(models, {"--sdk-port", "0", "--http-off"});
  const Shell shell("providers: {lm: {plugin: lmstudio, base_url: auto}}\n");
  Command list = shell.command({"models", "--json"});
  list.env.emplace_back("TACHIKOMA_LMSTUDIO_PORTS", "");
  list.env.emplace_back("TACHIKOMA_LMSTUDIO_SDK_PORTS", std::to_string(quiet.port()));
  CHECK(formats(run(list)) == both);
}

TEST_CASE("What a server counts is told as it counted, and zeros for embeddings are no count") {
  const Simulator simulator("usage: {length_one_low: true, embedding_zeros: true}\n");
  const Shell shell(config_of_lm(simulator));
  const Value reply =
      json_of(shell.tachikoma({"ask", "-m", "mistral-7b", "--max-tokens", "4", "--json", "Hi"}).out)["data"];
  CHECK(reply["finish"].as_string() == "length");
  CHECK(reply["usage"]["completion_tokens"].as_integer() == 3);
  CHECK(reply["usage"]["source"].as_string() == "reported");
  const Value embedded =
      json_of(shell.tachikoma({"embed", "-m", "text-embedding-nomic-embed-text-v1.5", "--json", "Hi"}).out);
  CHECK(embedded["data"]["usage"]["prompt_tokens"].is_null());
}
