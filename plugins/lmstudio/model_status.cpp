// SPDX-License-Identifier: MIT
#include "lmstudio/model_status.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/sourced.hpp"
#include "base/try.hpp"
#include "common/chat/model_list.hpp"
#include "lmstudio/hardware.hpp"
#include "lmstudio/model_files.hpp"
#include "lmstudio/studio_calls.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr std::string_view kListLoaded = "LM Studio, listLoaded";
constexpr std::string_view kLoadConfig = "LM Studio, getLoadConfig";
constexpr std::string_view kProcessing = "LM Studio, getInstanceProcessingState";
constexpr std::string_view kEstimate = "LM Studio's estimate for its load settings";

Sourced<std::chrono::milliseconds> milliseconds(const Value& value, std::string_view what) {
  const Sourced<std::int64_t> number = kit::reported(value, kListLoaded, what);
  return {std::chrono::milliseconds(number.value), number.source, number.basis};
}

Activity activity_of(std::string_view status) {
  if (status == "idle") return Activity::idle;
  if (status == "processingPrompt") return Activity::prompt;
  if (status == "generating") return Activity::generating;
  return status == "computingEmbedding" ? Activity::embedding : Activity::unknown;
}

// Collects the status of one instance. What can't be read is unknown; only cancellation is an error.
class Description {
 public:
  Description(Studio& studio, const Value& instance, ModelKind kind, bool no_gpu, const CallContext& context)
      : studio_(studio), instance_(instance), kind_(kind), no_gpu_(no_gpu), context_(context) {}

  Result<ModelStatus> make() {
    describe_instance();
    for (const auto step : {&Description::add_config, &Description::add_processing, &Description::add_memory})
      if (Status done = (this->*step)(); !done && done.error().code == ErrorCode::cancelled)
        return std::move(done).error();
    add_layers();
    return std::move(status_);
  }

 private:
  Result<Value> ask(std::string_view endpoint, Value parameter) {
    parameter.set("specifier", specifier_of(instance_));
    return sdk_call(studio_, namespace_of(kind_), endpoint, parameter, context_);
  }

  void describe_instance() {
    status_.key = instance_["modelKey"].as_string();
    status_.instance = instance_["identifier"].as_string();
    status_.state = ModelState::loaded;
    status_.device = device_of(instance_);
    status_.context_length = kit::reported(instance_["contextLength"], kListLoaded, "its context length");
    status_.last_used = milliseconds(instance_["lastUsedTime"], "when it was used");
    if (const Value* ttl = instance_.find("ttlMs"))  // null: none
      status_.ttl = milliseconds(ttl->is_null() ? Value(0) : *ttl, "its time to live");
    else
      status_.ttl = milliseconds({}, "its time to live");
    if (const Value& path = instance_["path"]; path.is_string()) status_.extra.set("path", path);
  }

  Status add_config() {
    const Result<Value> config = ask("getLoadConfig", Value::object());
    if (!config) {
      config_ = config.error().message;
      return config.error();
    }
    fields_ = (*config)["fields"];
    status_.config = read_load_fields(*config);
    status_.config.identifier = status_.instance;
    if (status_.ttl) status_.config.ttl = status_.ttl.value;
    status_.config_basis = kLoadConfig;
    if (!status_.context_length && status_.config.context_length)
      status_.context_length = {*status_.config.context_length, Source::reported, std::string(kLoadConfig)};
    return Done{};
  }

  Status add_processing() {
    const Result<Value> state = ask("getInstanceProcessingState", Value::object({{"throwIfNotFound", true}}));
    if (!state) {
      status_.activity = base::unknown<Activity>(state.error().message);
      status_.queued = base::unknown(state.error().message);
      return state.error();
    }
    const std::string_view status = (*state)["status"].as_string();
    status_.activity = {activity_of(status), Source::reported, std::string(kProcessing)};
    if (status_.activity.value == Activity::unknown)
      status_.activity =
          base::unknown<Activity>(std::string(kProcessing) + ", says '" + std::string(status) + "'");
    status_.queued = kit::reported((*state)["queued"], kProcessing, "how many requests wait");
    return Done{};
  }

  Status add_memory() {
    if (!fields_.is_array()) {
      status_.memory_bytes = status_.vram_bytes = base::unknown(config_);
      return Done{};
    }
    std::vector<LoadField> fields;
    for (const Value& field : fields_.elements())
      fields.push_back({std::string(field["key"].as_string()), field["value"]});
    const Result<MemoryEstimate> estimate =
        estimate_over_sdk(studio_, {status_.key, kind_, status_.device}, config_stack(fields), context_);
    if (!estimate) {
      status_.memory_bytes = status_.vram_bytes = base::unknown(estimate.error().message);
      return estimate.error();
    }
    status_.memory_bytes = estimate->total_bytes;
    status_.vram_bytes = estimate->vram_bytes;
    return Done{};
  }

  // The share is a setting: without a GPU there is nothing to place layers on.
  void add_layers() {
    status_.total_layers = layers_of(studio_, instance_);
    const auto& layers = status_.config.gpu_layers;
    if (no_gpu_ && status_.device.empty()) {
      status_.gpu_layers = {0, Source::reported, "LM Studio's hardware survey: there is no GPU"};
    } else if (!layers) {
      status_.gpu_layers = base::unknown(config_);
    } else if (*layers == GpuLayers::none()) {
      status_.gpu_layers = {0, Source::reported, std::string(kLoadConfig)};
    } else if (!status_.total_layers) {
      status_.gpu_layers = base::unknown(status_.total_layers.basis);
    } else {
      const double count = static_cast<double>(status_.total_layers.value) * layers->ratio;
      status_.gpu_layers = {std::llround(count), Source::estimated,
                            "the share of layers in LM Studio's getLoadConfig, and the model's layer count"};
    }
  }

  Studio& studio_;
  const Value& instance_;
  const ModelKind kind_;
  const bool no_gpu_;
  const CallContext& context_;
  ModelStatus status_;
  Value fields_;  // of the effective configuration; null: it is not known
  std::string config_ = std::string(kLoadConfig) + ", does not report it";
};

}  // namespace

Sourced<std::int64_t> layers_of(const Studio& studio, const Value& model) {
  const std::string_view path = model["path"].as_string();
  if (path.empty()) return base::unknown("LM Studio does not say where its file is");
  if (!studio.local() || !device_of(model).empty())
    return base::unknown("LM Studio does not report it, and its file is on another machine");
  return layer_count(path);
}

Result<MemoryEstimate> estimate_over_sdk(Studio& studio, const EstimatedModel& model,
                                         const Value& config_stack, const CallContext& context) {
  Value parameter = Value::object({{"modelKey", model.key}, {"loadConfigStack", config_stack}});
  if (!model.device.empty()) parameter.set("deviceIdentifier", model.device);
  TACHIKOMA_TRY(const Value reply,
                sdk_call(studio, namespace_of(model.kind), "estimateModelUsage", parameter, context));
  const Value& memory = reply["memory"];
  MemoryEstimate estimate;
  estimate.confidence = memory["confidence"].as_string();
  const std::string basis =
      std::string(kEstimate) +
      (estimate.confidence.empty() ? "" : ", with " + estimate.confidence + " confidence") +
      (model.device.empty() ? "" : ", on the linked device '" + std::string(model.device) + "'");
  const auto bytes = [&](std::string_view member) {
    Sourced<std::int64_t> number = kit::reported(memory[member], basis, "this number");
    if (number) number.source = Source::estimated;
    return number;
  };
  estimate.total_bytes = bytes("totalBytes");
  estimate.vram_bytes = bytes("totalVramBytes");
  estimate.model_bytes = bytes("modelBytes");
  estimate.context_bytes = bytes("contextBytes");
  for (auto* number : {&estimate.projector_bytes, &estimate.compute_min_bytes, &estimate.compute_max_bytes})
    *number = base::unknown("LM Studio's estimate does not report it apart");
  if (const Value& fits = reply["passesGuardrails"]; fits.is_bool()) estimate.fits = fits.as_bool();
  return estimate;
}

Result<std::vector<ModelStatus>> loaded_over_sdk(Studio& studio, const CallContext& context) {
  std::vector<ModelStatus> all;
  std::optional<bool> no_gpu;
  for (const ModelKind kind : {ModelKind::llm, ModelKind::embedding}) {
    TACHIKOMA_TRY(const Value loaded, sdk_call(studio, namespace_of(kind), "listLoaded", {}, context));
    for (const Value& instance : loaded.elements()) {
      if (!no_gpu) no_gpu = has_no_gpu(studio, context);
      TACHIKOMA_TRY(ModelStatus status, Description(studio, instance, kind, *no_gpu, context).make());
      all.push_back(std::move(status));
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const ModelStatus& a, const ModelStatus& b) {
    return (a.last_used ? a.last_used.value.count() : -1) > (b.last_used ? b.last_used.value.count() : -1);
  });
  return all;
}

}  // namespace tachikoma::lmstudio
