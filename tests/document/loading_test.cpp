// SPDX-License-Identifier: MIT
// Loading models with settings of one's own: what LM Studio is sent, in which field and how it is written.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "document/forms.hpp"
#include "document/lmstudio_home.hpp"
#include "document/studio.hpp"
#include "support/catch.hpp"
#include "tachikoma/plugin/exception.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

// Loads the model of LM Studio's server settings, and gives the fields that were sent for it.
Value fields_by_server_settings() {
  const Simulator simulator;
  Form form = server_settings(simulator.port());
  Runtime runtime = Runtime::from(std::move(form.config), std::move(form.plugins)).value();
  REQUIRE(runtime.load_model("gpt-oss-120b").value().key == "openai/gpt-oss-120b");
  return load_fields(simulator);
}

// Loads some model where LM Studio's model settings are the configuration.
Value fields_by_model_configuration() {
  const Simulator simulator;
  Runtime runtime = runtime_by(model_configuration(), simulator);
  REQUIRE(runtime.load_model("mixtral-8x7b"));
  return load_fields(simulator);
}

// Loads a model with these settings of the provider's, as the document's constructors have them.
struct Loaded {
  Studio studio;
  Result<LoadedModel> model;
  Value fields;
  explicit Loaded(LoadSettings load, const std::string& script = {})
      : studio(script, {.load = std::move(load)}),
        model(studio.provider().load_model("mixtral-8x7b")),
        fields(load_fields(studio.simulator)) {}
};

LoadSettings gpu_config() {
  return {.gpu_layers = GpuLayers::all(),
          .gpu_split_mode = SplitMode::layer,
          .main_gpu = 0,
          .tensor_split = {1.0}};
}

LoadSettings memory_config() {
  return {.use_mlock = true,
          .use_mmap = true,
          .offload_kqv = true,
          .flash_attention = FlashAttention::on,
          .context_size_reduction = 0.5};
}

std::string unapplied(const LoadedModel& model) {
  std::string text;
  for (const UnappliedSetting& each : model.unapplied) text += each.name + ": " + each.reason + "\n";
  return text;
}

}  // namespace

TEST_CASE("the context length of the server's JSON is what its model is loaded with",
          "[server-settings/context_length]") {
  const Value fields = fields_by_server_settings();
  CHECK(fields["llm.load.contextLength"] == Value(16384));
  CHECK(fields["llm.load.llama.autoFit"] == Value(false));  // else the server would choose
}

TEST_CASE("-1 GPU layers in the server's JSON are all of them", "[server-settings/gpu_layers]") {
  CHECK(fields_by_server_settings()["llm.load.llama.acceleration.offloadRatio"] == Value("max"));
}

TEST_CASE("use_mlock of the server's JSON keeps the model in memory", "[server-settings/use_mlock]") {
  CHECK(fields_by_server_settings()["llm.load.llama.keepModelInMemory"] == Value(true));
}

TEST_CASE("the batch size of the server's JSON is that of evaluation", "[server-settings/batch_size]") {
  CHECK(fields_by_server_settings()["llm.load.llama.evalBatchSize"] == Value(512));
}

TEST_CASE("the default context length is what models are loaded with",
          "[model-configuration/context_length][faq/context-size]") {
  CHECK(fields_by_model_configuration()["llm.load.contextLength"] == Value(16384));
}

TEST_CASE("-1 GPU layers by default are all of them", "[model-configuration/n_gpu_layers]") {
  CHECK(fields_by_model_configuration()["llm.load.llama.acceleration.offloadRatio"] == Value("max"));
}

TEST_CASE("the default batch size is that of evaluation", "[model-configuration/n_batch]") {
  CHECK(fields_by_model_configuration()["llm.load.llama.evalBatchSize"] == Value(512));
}

TEST_CASE("the default threads are those of the load", "[model-configuration/threads]") {
  CHECK(fields_by_model_configuration()["llm.load.llama.cpuThreadPoolSize"] == Value(8));
}

TEST_CASE("the default mlock keeps models in memory", "[model-configuration/use_mlock]") {
  CHECK(fields_by_model_configuration()["llm.load.llama.keepModelInMemory"] == Value(true));
}

TEST_CASE("the default mmap maps the files of models", "[model-configuration/use_mmap]") {
  CHECK(fields_by_model_configuration()["llm.load.llama.tryMmap"] == Value(true));
}

TEST_CASE("a model is loaded by its name with its quantization", "[model-management/load-model]") {
  Studio studio;
  const LoadedModel loaded = studio.provider().load_model("gpt-oss-120b-q4_k_m").value();
  CHECK(loaded.key == "openai/gpt-oss-120b");
  CHECK(loaded.instance == "openai/gpt-oss-120b");
  CHECK(unapplied(loaded).empty());
  CHECK(last_load(studio.simulator)["modelKey"] == Value("openai/gpt-oss-120b"));
  CHECK(studio.provider().model_status("gpt-oss-120b").value().state == ModelState::loaded);
}

TEST_CASE("the status of a model says whether it is loaded, its memory and its layers on the GPU",
          "[model-management/model-status]") {
  const LmStudioHome home;
  home.add_model("openai/gpt-oss-120b/gpt-oss-120b-Q4_K_M.gguf", 36);
  Studio studio;
  CHECK(studio.provider().model_status("gpt-oss-120b").value().state == ModelState::not_loaded);
  REQUIRE(studio.provider().load_model("gpt-oss-120b",
                                       {.context_length = 16384, .gpu_layers = GpuLayers::all()}));
  const ModelStatus status = studio.provider().model_status("gpt-oss-120b").value();
  CHECK(status.state == ModelState::loaded);
  CHECK(status.context_length.value == 16384);
  CHECK(status.context_length.source == Source::reported);
  CHECK(status.memory_bytes.source == Source::estimated);  // no surface has a live figure
  CHECK(status.memory_bytes.value > 65'000'000'000);
  CHECK(status.gpu_layers.value == 36);
  CHECK(status.gpu_layers.source == Source::estimated);  // a share of the model's layers
  CHECK(status.total_layers.value == 36);
  CHECK(status.total_layers.source == Source::reported);
}

TEST_CASE("a GPU configuration is what every model of its provider is loaded with", "[gpu-acceleration]") {
  const Loaded loaded(gpu_config());
  REQUIRE(loaded.model);
  CHECK(unapplied(*loaded.model).empty());
  CHECK(loaded.fields["llm.load.llama.acceleration.offloadRatio"] == Value("max"));
  CHECK(loaded.fields["load.gpuSplitConfig"]["strategy"] == Value("priorityOrder"));
  CHECK(loaded.fields["load.gpuSplitConfig"]["priority"] == Value::array({0}));
}

TEST_CASE("layers on the GPU may be all, none, a share, or a number of those in the model's file",
          "[gpu-acceleration/gpu-layers][best-practices/gpu-acceleration]") {
  const char* const field = "llm.load.llama.acceleration.offloadRatio";
  const LmStudioHome home;
  home.add_model("lmstudio-community/mixtral-8x7b-GGUF/mixtral-8x7b-Q4_K_S.gguf", 32);
  CHECK(Loaded({.gpu_layers = GpuLayers::exactly(24)}).fields[field] == Value(0.75));
  CHECK(Loaded({.gpu_layers = GpuLayers::all()}).fields[field] == Value("max"));
  CHECK(Loaded({.gpu_layers = GpuLayers::none()}).fields[field] == Value("off"));
  CHECK(Loaded({.gpu_layers = GpuLayers::share(0.5)}).fields[field] == Value(0.5));
}

TEST_CASE("a split by layers is what LM Studio does, and one by rows is refused before anything happens",
          "[gpu-acceleration/split-mode]") {
  const Loaded by_layer({.gpu_split_mode = SplitMode::layer});
  REQUIRE(by_layer.model);
  CHECK(by_layer.fields["load.gpuSplitConfig"]["strategy"] == Value("evenly"));

  const Loaded by_row({.gpu_split_mode = SplitMode::row});
  REQUIRE_FALSE(by_row.model);
  CHECK(by_row.model.error().code == ErrorCode::unsupported);
  CHECK_THAT(by_row.model.error().message, ContainsSubstring("row"));
  CHECK(last_load(by_row.studio.simulator).is_null());
}

TEST_CASE("the main GPU is the first in LM Studio's order", "[gpu-acceleration/main-gpu]") {
  const Value split = Loaded({.main_gpu = 1}).fields["load.gpuSplitConfig"];
  CHECK(split["strategy"] == Value("priorityOrder"));
  REQUIRE_FALSE(split["priority"].elements().empty());
  CHECK(split["priority"].elements().front() == Value(1));
}

TEST_CASE("a tensor split is a ratio of one's own", "[gpu-acceleration/tensor-split]") {
  const Value split = Loaded({.tensor_split = {0.5, 0.5}}).fields["load.gpuSplitConfig"];
  CHECK(split["strategy"] == Value("custom"));
  CHECK(split["customRatio"] == Value::array({0.5, 0.5}));
}

TEST_CASE("a memory configuration is what every model of its provider is loaded with",
          "[memory-management]") {
  const Loaded loaded(memory_config());
  REQUIRE(loaded.model);
  CHECK(unapplied(*loaded.model).empty());
  CHECK(loaded.fields["llm.load.llama.keepModelInMemory"] == Value(true));
  CHECK(loaded.fields["llm.load.llama.tryMmap"] == Value(true));
  CHECK(loaded.fields["llm.load.offloadKVCacheToGpu"] == Value(true));
  CHECK(loaded.fields["llm.load.llama.flashAttention"] == Value(true));
}

TEST_CASE("mlock can be switched on and off", "[memory-management/mlock]") {
  CHECK(Loaded({.use_mlock = true}).fields["llm.load.llama.keepModelInMemory"] == Value(true));
  CHECK(Loaded({.use_mlock = false}).fields["llm.load.llama.keepModelInMemory"] == Value(false));
}

TEST_CASE("mmap can be switched on and off", "[memory-management/mmap]") {
  CHECK(Loaded({.use_mmap = true}).fields["llm.load.llama.tryMmap"] == Value(true));
  CHECK(Loaded({.use_mmap = false}).fields["llm.load.llama.tryMmap"] == Value(false));
}

TEST_CASE("keys and values may stay off the GPU", "[memory-management/offload-kqv]") {
  CHECK(Loaded({.offload_kqv = true}).fields["llm.load.offloadKVCacheToGpu"] == Value(true));
  CHECK(Loaded({.offload_kqv = false}).fields["llm.load.offloadKVCacheToGpu"] == Value(false));
}

TEST_CASE("flash attention can be on, off, or left to the server",
          "[memory-management/flash-attention][faq/flash-attention]") {
  const char* const field = "llm.load.llama.flashAttention";
  CHECK(Loaded({.flash_attention = FlashAttention::on}).fields[field] == Value(true));
  CHECK(Loaded({.flash_attention = FlashAttention::off}).fields[field] == Value(false));
  CHECK(Loaded({.flash_attention = FlashAttention::automatic}).fields.find(field) == nullptr);
}

TEST_CASE("where a context does not fit, smaller ones are tried, and each step is told",
          "[memory-management/context-size-reduction]") {
  // the model takes 26.4 GB of it: the context has to fit into the rest
  Studio studio("memory: 45GB\n", {.load = {.context_length = 32768, .context_size_reduction = 0.5}});
  std::vector<std::string> told;
  const auto on_event = [&](const LoadEvent& event) {
    if (!event.notice.empty()) told.emplace_back(event.notice);
    return Flow::proceed;
  };
  const LoadedModel loaded = studio.provider().load_model("mixtral-8x7b", {}, on_event).value();
  const std::int64_t context = loaded.applied.context_length.value_or(0);
  CHECK(context < 32768);
  CHECK(context >= 2048);
  CHECK(load_fields(studio.simulator)["llm.load.contextLength"] == Value(context));
  REQUIRE_FALSE(told.empty());
  CHECK_THAT(told.back(), ContainsSubstring(std::to_string(context)));
}

TEST_CASE("a model that does not fit is an error that says what it needs, and what to try",
          "[model-loading-errors/insufficient-memory]") {
  Studio studio;
  try {
    (void)studio.provider().load_model("huge").value();
    FAIL("no exception");
  } catch (const InsufficientMemory& error) {
    CHECK(error.required() > 4'000'000'000'000);
    CHECK_THAT(error.what(), ContainsSubstring("huge"));
    CHECK_FALSE(error.error().hint.empty());
  }
}

TEST_CASE("several models are in memory at once, and each answers by its name", "[faq/several-models]") {
  Studio studio;
  for (const char* model : {"mistral-7b", "qwen3-8b"}) REQUIRE(studio.provider().load_model(model));
  for (const char* model : {"mistral-7b", "qwen3-8b"})
    CHECK(studio.provider().generate_text({.model = model, .messages = {user("Hello")}}).value().model ==
          model);
  std::set<std::string> there;
  for (const ModelStatus& each : studio.provider().loaded_models().value()) there.insert(each.key);
  CHECK(there.count("mistral-7b") + there.count("qwen3-8b") == 2);
}
