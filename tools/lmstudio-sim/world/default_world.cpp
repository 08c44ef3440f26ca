// SPDX-License-Identifier: MIT
#include "world/script.hpp"

namespace lmstudio_sim {
namespace {

constexpr std::int64_t kGigabyte = 1'000'000'000;
constexpr std::chrono::milliseconds kLoadTime{300};

ModelSpec gpt_oss(const std::string& billions, std::int64_t bytes, std::string quantization) {
  return {.key = "openai/gpt-oss-" + billions + "b",
          .display_name = "GPT-OSS " + billions + "B",
          .publisher = "openai",
          .arch = "gpt-oss",
          .quantization = std::move(quantization),
          .params = billions + "B",
          .size_bytes = bytes,
          .max_context = 131072,
          .context_length = 16384,
          .tools = true,
          .reasoning = ReasoningDialect::reasoning,
          .load_time = kLoadTime};
}

ModelSpec model(std::string key, std::string name, std::string arch, std::string quantization,
                std::string params, std::int64_t gigabytes, std::int64_t context) {
  return {.key = std::move(key),
          .display_name = std::move(name),
          .arch = std::move(arch),
          .quantization = std::move(quantization),
          .params = std::move(params),
          .size_bytes = gigabytes * kGigabyte,
          .max_context = context,
          .tools = true,
          .load_time = kLoadTime};
}

}  // namespace

Script default_world() {
  Script world;
  ModelSpec small = gpt_oss("20", 12'109'566'560, "MXFP4");
  small.loaded = true;
  ModelSpec mistral = model("mistral-7b", "Mistral 7B", "mistral", "Q8_0", "7B", 4, 32768);
  mistral.loaded = true;
  ModelSpec embedding = model("text-embedding-nomic-embed-text-v1.5", "Nomic Embed Text v1.5", "nomic-bert",
                              "Q4_K_M", "", 0, 2048);
  embedding.type = "embedding";
  embedding.publisher = "nomic-ai";
  embedding.size_bytes = 84'106'624;
  embedding.context_length = 2048;
  embedding.tools = false;
  ModelSpec thinker = model("qwen3-8b", "Qwen3 8B", "qwen3", "Q4_K_M", "8B", 5, 40960);
  thinker.reasoning = ReasoningDialect::reasoning_content;
  ModelSpec viewer = model("gemma-3-12b", "Gemma 3 12B", "gemma3", "Q4_K_M", "12B", 8, 131072);
  viewer.type = "vlm";
  viewer.vision = true;
  viewer.tools = false;
  world.models = {
      std::move(small),
      std::move(mistral),
      gpt_oss("120", 65 * kGigabyte, "Q4_K_M"),
      model("llama-3-70b", "Llama 3 70B", "llama", "Q4_K_M", "70B", 35, 8192),
      model("mixtral-8x7b", "Mixtral 8x7B", "llama", "Q4_K_S", "8x7B", 24, 32768),
      model("codellama-34b", "CodeLlama 34B", "llama", "Q5_K_M", "34B", 20, 16384),
      model("phi-3-mini", "Phi-3 mini", "phi3", "Q4_K_M", "3.8B", 2, 4096),
      std::move(thinker),
      std::move(viewer),
      std::move(embedding),
      model("huge", "Huge", "llama", "F16", "2T", 4000, 131072),
  };
  for (ModelSpec& each : world.models) complete_reasoning(each);
  return world;
}

}  // namespace lmstudio_sim
