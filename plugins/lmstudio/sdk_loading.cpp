// SPDX-License-Identifier: MIT
#include "lmstudio/sdk_loading.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/load_settings.hpp"
#include "base/sourced.hpp"
#include "base/try.hpp"
#include "lmstudio/hardware.hpp"
#include "lmstudio/model_status.hpp"
#include "lmstudio/models.hpp"
#include "lmstudio/studio_calls.hpp"

namespace tachikoma::lmstudio {
namespace {

using Clock = std::chrono::steady_clock;

// LM Studio's description of the model with that key; null if it lists none.
Value find_downloaded(const Value& models, std::string_view key) {
  const auto is_it = [&](const Value& model) {
    const Value::Array& variants = model["variants"].elements();
    return model["modelKey"].as_string() == key ||
           std::any_of(variants.begin(), variants.end(),
                       [&](const Value& variant) { return variant.as_string() == key; });
  };
  const Value::Array& list = models.elements();
  const auto found = std::find_if(list.begin(), list.end(), is_it);
  return found == list.end() ? Value() : *found;
}

Sourced<std::int64_t> count_gpus(Studio& studio, const CallContext& context) {
  const Result<Hardware> hardware = StudioHardware(studio).survey(context);
  if (!hardware) return base::unknown(hardware.error().message);
  if (hardware->gpus.empty()) return base::unknown("LM Studio's hardware survey lists no GPU");
  return {static_cast<std::int64_t>(hardware->gpus.size()), Source::reported, "LM Studio's hardware survey"};
}

Error ambiguous(std::string_view key, const Value& candidates) {
  Value names = candidates;
  return Error(ErrorCode::invalid_argument, "'" + std::string(key) + "' matches several models in LM Studio",
               "use the full key of one of them",
               Value::object({{"name", key}, {"candidates", std::move(names)}}));
}

class SdkLoad {
 public:
  SdkLoad(Studio& studio, const LoadRequest& request, const PlannedLoad& plan, LoadSink& sink,
          const CallContext& context)
      : studio_(studio), request_(request), plan_(plan), sink_(sink), context_(context) {}

  Result<LoadedModel> run() {
    for (const std::string& notice : plan_.fields.notices)
      if (sink_.on_notice(notice) == Flow::stop) return Error(ErrorCode::cancelled, "the load was stopped");
    const Clock::time_point start = Clock::now();
    TACHIKOMA_TRY_STATUS(load());
    return read_back(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start));
  }

 private:
  Value parameter() const {
    const LoadSettings& settings = request_.settings;
    Value parameter = Value::object({{"modelKey", request_.key}});
    if (settings.identifier) parameter.set("identifier", *settings.identifier);
    if (settings.ttl && settings.ttl->count() > 0) parameter.set("ttlMs", settings.ttl->count());
    parameter.set("loadConfigStack", config_stack(plan_.fields.fields));
    return parameter;
  }

  Status load() {
    TACHIKOMA_TRY(const std::shared_ptr<SdkClient> sdk, studio_.sdk(context_));
    Status ended = sdk->channel(
        namespace_of(plan_.kind), "loadModel", parameter(),
        [this](const Value& message) { return on_message(message); }, kit::CallScope::of(context_),
        Value::object({{"type", "cancel"}}));
    if (refusal_) return *std::move(refusal_);
    if (!ended) return ended;
    if (instance_.is_null())
      return Error(ErrorCode::protocol, "LM Studio ended the load of '" + request_.key + "' without a result",
                   "look at LM Studio's log");
    return Done{};
  }

  Flow on_message(const Value& message) {
    const std::string_view type = message["type"].as_string();
    if (type == "resolved" && !message["ambiguous"].elements().empty()) {
      refusal_ = ambiguous(request_.key, message["ambiguous"]);
      return Flow::stop;
    }
    if (type == "progress") return sink_.on_progress(std::clamp(message["progress"].as_real(), 0.0, 1.0));
    if (type == "success") instance_ = message["info"];
    return Flow::proceed;
  }

  LoadedModel read_back(std::chrono::milliseconds took) {
    LoadedModel loaded;
    loaded.key = instance_["modelKey"].as_string(request_.key);
    loaded.instance = instance_["identifier"].as_string();
    loaded.surface = "WebSocket";
    loaded.notices = plan_.fields.notices;
    loaded.load_time = {took, Source::measured, "from the request to the answer"};
    loaded.unapplied = plan_.fields.unapplied;
    const Value parameter = Value::object({{"specifier", specifier_of(instance_)}});
    const Result<Value> config =
        sdk_call(studio_, namespace_of(plan_.kind), "getLoadConfig", parameter, context_);
    auto lost = compare_load_fields(request_.settings, plan_.fields.fields, config ? *config : Value());
    if (config) loaded.applied = read_load_fields(*config);
    for (UnappliedSetting& each : lost) {
      if (!config) each.reason = "it could not be read back (" + config.error().message + ")";
      loaded.unapplied.push_back(std::move(each));
    }
    compare_instance(loaded);
    return loaded;
  }

  // Compares what is sent beside the fields.
  void compare_instance(LoadedModel& loaded) const {
    loaded.applied.identifier = loaded.instance;
    if (const Value* ttl = instance_.find("ttlMs"))
      loaded.applied.ttl = std::chrono::milliseconds(ttl->as_integer());
    if (const Value& context = instance_["contextLength"];
        !loaded.applied.context_length && context.is_integer())
      loaded.applied.context_length = context.as_integer();
    for (const char* name : {"ttl", "identifier"}) {
      const Value asked = base::setting_value(request_.settings, name);
      const Value applied = base::setting_value(loaded.applied, name);
      if (!asked.is_null() && asked != applied)
        loaded.unapplied.push_back(
            {name, asked, applied, "LM Studio loaded the model with a different value"});
    }
  }

  Studio& studio_;
  const LoadRequest& request_;
  const PlannedLoad& plan_;
  LoadSink& sink_;
  const CallContext& context_;
  Value instance_;                // once it is loaded
  std::optional<Error> refusal_;  // ours
};

}  // namespace

Result<PlannedLoad> plan_load(Studio& studio, const LoadRequest& request, const Value& models,
                              const CallContext& context) {
  const Value model = find_downloaded(models, request.key);
  LoadTarget target;
  if (kind_of(model["type"].as_string()) == ModelKind::embedding) target.kind = ModelKind::embedding;
  if (needs_layer_count(request.settings)) target.layers = layers_of(studio, model);
  const std::string device(device_of(model));
  if (needs_gpu_count(request.settings))
    target.gpus = device.empty() ? count_gpus(studio, context)
                                 : base::unknown("the model is on another machine, " + device);
  TACHIKOMA_TRY(LoadFields fields, write_load_fields(request.settings, target));
  return PlannedLoad{target.kind, std::move(fields), device};
}

Result<LoadedModel> load_over_sdk(Studio& studio, const LoadRequest& request, const PlannedLoad& plan,
                                  LoadSink& sink, const CallContext& context) {
  return SdkLoad(studio, request, plan, sink, context).run();
}

}  // namespace tachikoma::lmstudio
