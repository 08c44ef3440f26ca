// SPDX-License-Identifier: MIT
// What LM Studio does otherwise than one expects, each served on demand.
#include <string>

#include "base/json.hpp"
#include "integration/simulator/client.hpp"
#include "integration/simulator/sdk_connection.hpp"
#include "integration/simulator/sdk_socket.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kMlx[] = "models: [{key: apple, format: mlx, loaded: true}, {key: plain, loaded: true}]\n";

Value first_model(const Value& list) { return list.elements().front(); }

}  // namespace

TEST_CASE("That nothing is loaded has another status and code in LM Studio 0.3") {
  const auto answer = [](const std::string& version) {
    const Simulator simulator("jit: false\nstrict_models: false\nmodels: [{key: a}]\nversion: " + version +
                              "\n");
    const HttpReply reply = chat(simulator.port(), "a", "Hi");
    return std::to_string(reply.status) + " " + base::to_json(reply.json()["error"]["code"]);
  };
  CHECK(answer("0.3.5") == "404 null");
  CHECK(answer("0.4.23") == R"(400 "model_not_found")");
}

TEST_CASE("With a strict cap, layers that the GPU has no room for stay off it, whatever was asked") {
  const Simulator simulator("vram: 24GB\nmodels: [{key: big, size: 40GB}, {key: small, size: 4GB}]\n");
  const auto ratio = [&](const std::string& key, const std::string& cap) {
    SdkSocket socket(simulator.port(), "/llm");
    socket.run(1, "loadModel",
               load_of(key, R"(,"identifier":")" + key + cap + "\"",
                       R"("llm.load.llama.acceleration.offloadRatio":"max","load.gpuStrictVramCap":)" + cap));
    const Value state = simulator.state();
    for (const Value& each : state["instances"].elements())
      if (each["id"].as_string() == key + cap)
        return each["settings"]["llm.load.llama.acceleration.offloadRatio"].as_real();
    return -1.0;
  };
  CHECK(ratio("big", "true") == 0.54);  // 24 of 44 GB, the context included
  CHECK(ratio("big", "false") == 1);
  CHECK(ratio("small", "true") == 1);
}

TEST_CASE("An MLX model's format has another name on each surface") {
  const Simulator simulator(kMlx);
  const int port = simulator.port();
  CHECK(first_model(http(port, "GET", "/api/v1/models").json()["models"])["format"].as_string() == "mlx");
  CHECK(first_model(http(port, "GET", "/api/v0/models").json()["data"])["compatibility_type"].as_string() ==
        "mlx");
  SdkConnection system(port, "system");
  const Value listed = first_model(system.result("listDownloadedModels"));
  CHECK(listed["format"].as_string() == "safetensors");
  CHECK(listed["path"].as_string() == "lmstudio-community/apple-MLX-4bit");
}

TEST_CASE("An MLX model takes none of llama.cpp's settings") {
  const Simulator simulator(kMlx);
  const Value loaded =
      http(simulator.port(), "POST", "/api/v1/models/load",
           R"({"model":"apple","context_length":2048,"flash_attention":true,"echo_load_config":true})")
          .json();
  CHECK(loaded["load_config"]["context_length"].as_integer() == 2048);
  CHECK_FALSE(loaded["load_config"].find("flash_attention"));
}

TEST_CASE("The completions of /api/v0 have statistics, the model and its engine, under names of their own") {
  const Simulator simulator(
      "replies: [{text: one two three}]\nmodels: [{key: a, loaded: true}, {key: e, type: embedding}]\n");
  const int port = simulator.port();
  std::string all;
  const auto add = [&](const std::string& path, const std::string& body) {
    Value reply = http(port, "POST", path, body).json();
    for (const char* name : {"created", "data"})
      if (reply.find(name)) reply.set(name, 0);
    if (Value* stats = reply.find("stats"))
      for (const char* name : {"tokens_per_second", "time_to_first_token", "generation_time"}) {
        CHECK((*stats)[name].as_real() > 0);
        stats->set(name, 0);
      }
    all += path + "\n" + base::to_json(reply, 2) + "\n\n";
  };
  add("/api/v0/chat/completions", chat_body("a", "Hi", R"(,"max_tokens":2)"));
  add("/api/v0/completions", R"({"model":"a","prompt":"Hi"})");
  add("/api/v0/embeddings", R"({"model":"e","input":"Hi"})");
  check_golden("simulator/v0_completions.txt", all);
  CHECK_FALSE(chat(port, "a", "Hi").json().find("runtime"));
}

TEST_CASE("Counts may be wrong: one too few at the limit, none for embeddings") {
  const Simulator simulator("usage: {length_one_low: true, embedding_zeros: true}\n");
  const int port = simulator.port();
  const auto counted = [&](const std::string& more) {
    return chat(port, "mistral-7b", "Hi", more).json()["usage"]["completion_tokens"].as_integer();
  };
  CHECK(counted(R"(,"max_tokens":4)") == 3);
  CHECK(counted(R"(,"max_tokens":-1)") > 4);
  const Value embedded =
      http(port, "POST", "/v1/embeddings", R"({"model":"text-embedding-nomic-embed-text-v1.5","input":"Hi"})")
          .json();
  CHECK(embedded["usage"]["total_tokens"].as_integer(-1) == 0);
}
