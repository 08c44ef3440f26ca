// SPDX-License-Identifier: MIT
#include "lmstudio/rest_loading.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/load_settings.hpp"
#include "base/try.hpp"
#include "lmstudio/load_fields.hpp"
#include "lmstudio/load_rows.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr char kLoad[] = "/api/v1/models/load";
constexpr char kUnload[] = "/api/v1/models/unload";
constexpr char kList[] = "LM Studio /api/v1/models";

struct RestField {
  std::string_view setting;
  std::string_view name;
};
constexpr RestField kFields[] = {
    {"context_length", "context_length"},       {"batch_size", "eval_batch_size"},
    {"flash_attention", "flash_attention"},     {"experts", "num_experts"},
    {"offload_kqv", "offload_kv_cache_to_gpu"}, {"parallel", "parallel"}};

std::string_view rest_name(std::string_view setting) {
  for (const RestField& field : kFields)
    if (field.setting == setting) return field.name;
  return {};
}

const LoadRow* find_row(std::string_view setting) {
  for (const LoadRow& row : load_rows())
    if (row.setting == setting) return &row;
  return nullptr;
}

// A REST configuration with the SDK's names, so that it can be read and compared in the same way.
Value as_sdk_config(const Value& config) {
  Value fields = Value::array();
  for (const RestField& field : kFields)
    if (const Value* value = config.find(field.name))
      fields.push_back(Value::object({{"key", find_row(field.setting)->llm_key}, {"value", *value}}));
  return Value::object({{"fields", std::move(fields)}});
}

// The body of one load; keys that an older server does not know are removed from it.
class RestLoad {
 public:
  RestLoad(Studio& studio, const LoadRequest& request, const std::string& why, const CallContext& context)
      : studio_(studio), request_(request), why_(why), context_(context) {}

  Result<LoadedModel> run() {
    choose_fields();
    Result<Value> reply = post();
    while (!reply && drop_rejected(reply.error())) reply = post();
    if (!reply) return explain(std::move(reply).error());
    return read(*reply);
  }

 private:
  void choose_fields() {
    const LoadSettings& settings = request_.settings;
    for (const std::string& name : present_settings(settings)) {
      if (rest_name(name).empty())
        lose(name, "LM Studio's REST API has no field for it, and " + why_);
      else
        sent_.push_back({std::string(find_row(name)->llm_key), find_row(name)->write(settings), {name}});
    }
  }

  void lose(const std::string& name, std::string reason) {
    lost_.push_back({name, base::setting_value(request_.settings, name), {}, std::move(reason)});
  }

  Result<Value> post() {
    Value body = Value::object({{"model", request_.key}});
    for (const LoadField& field : sent_) body.set(rest_name(field.settings.front()), field.value);
    if (echo_) body.set("echo_load_config", true);
    // no byte arrives until the model is loaded: the load clock covers the whole load
    context_.enter(Phase::loading);
    const CallContext quiet{context_.cancellation, context_.request_id};
    return studio_.post(kLoad, body, request_.key, quiet);
  }

  // "Unrecognized key(s) in object: 'parallel', …"
  bool drop_rejected(const Error& error) {
    if (error.message.find("nrecognized key") == std::string::npos) return false;
    const auto rejects = [&](std::string_view key) {
      return error.message.find("'" + std::string(key) + "'") != std::string::npos;
    };
    const std::size_t before = sent_.size() + (echo_ ? 1 : 0);
    if (rejects("echo_load_config")) echo_ = false;
    for (const LoadField& field : sent_)
      if (rejects(rest_name(field.settings.front())))
        lose(field.settings.front(), "this LM Studio's REST API does not take it, and " + why_);
    std::erase_if(sent_, [&](const LoadField& field) { return rejects(rest_name(field.settings.front())); });
    return sent_.size() + (echo_ ? 1 : 0) < before;
  }

  Error explain(Error error) {
    if (error.code == ErrorCode::cancelled)
      studio_.log().log(Severity::warning, "the load of '" + request_.key +
                                               "' over REST was abandoned: LM Studio may still finish it");
    if (error.code != ErrorCode::unsupported) return error;
    return Error(
        ErrorCode::unsupported,
        "this LM Studio can't be told to load '" + request_.key + "': it has no " + kLoad + ", and " + why_,
        "update LM Studio, or load the model in its window");
  }

  Result<LoadedModel> read(const Value& reply) {
    LoadedModel loaded;
    loaded.key = request_.key;
    loaded.instance = reply["instance_id"].as_string();
    if (loaded.instance.empty())
      return Error(ErrorCode::protocol, std::string(kLoad) + " answered without an instance_id",
                   "update LM Studio");
    loaded.surface = "/api/v1";
    const Value config = as_sdk_config(reply["load_config"]);
    loaded.applied = read_load_fields(config);
    loaded.applied.identifier = loaded.instance;
    loaded.unapplied = std::move(lost_);
    for (UnappliedSetting& each : loaded.unapplied)
      if (each.name == "identifier") each.applied = loaded.instance;
    for (UnappliedSetting& each : compare_load_fields(request_.settings, sent_, config))
      loaded.unapplied.push_back(std::move(each));
    if (const Value& seconds = reply["load_time_seconds"]; seconds.is_number())
      loaded.load_time = {std::chrono::milliseconds(static_cast<std::int64_t>(seconds.as_real() * 1000)),
                          Source::reported, std::string("LM Studio ") + kLoad};
    else
      loaded.load_time.basis = std::string("LM Studio ") + kLoad + ", does not report it";
    return loaded;
  }

  Studio& studio_;
  const LoadRequest& request_;
  const std::string& why_;
  const CallContext& context_;
  std::vector<LoadField> sent_;
  std::vector<UnappliedSetting> lost_;
  bool echo_ = true;
};

ModelStatus describe(const ModelInfo& model, const ModelInstance& instance, const std::string& why) {
  const std::string basis = "LM Studio's REST API does not report it, and " + why;
  ModelStatus status;
  status.key = model.key;
  status.instance = instance.id;
  status.state = ModelState::loaded;
  status.context_length = instance.context_length;
  status.gpu_layers.basis = status.total_layers.basis = basis;
  status.memory_bytes.basis = status.vram_bytes.basis = basis;
  status.activity.basis = status.queued.basis = basis;
  status.ttl.basis = status.last_used.basis = basis;
  for (const Value& each : model.extra["loaded_instances"].elements()) {
    if (each["id"].as_string() != instance.id) continue;
    status.config = read_load_fields(as_sdk_config(each["config"]));
    status.config.identifier = instance.id;
    status.config_basis = kList;
  }
  return status;
}

}  // namespace

Result<LoadedModel> load_over_rest(Studio& studio, const LoadRequest& request, const std::string& why,
                                   const CallContext& context) {
  return RestLoad(studio, request, why, context).run();
}

Status unload_over_rest(Studio& studio, std::string_view instance, const CallContext& context) {
  const Value body = Value::object({{"instance_id", instance}});
  TACHIKOMA_TRY_STATUS(studio.post(kUnload, body, instance, context));
  return Done{};
}

Result<std::vector<ModelStatus>> loaded_over_rest(Studio& studio, const std::string& why,
                                                  const CallContext& context) {
  TACHIKOMA_TRY(const std::vector<ModelInfo> models, studio.models(context));
  const auto says_nothing = [](const ModelInfo& model) { return model.state == ModelState::unknown; };
  if (!models.empty() && std::all_of(models.begin(), models.end(), says_nothing))
    return Error(ErrorCode::unsupported,
                 "this LM Studio does not say over HTTP which models are in memory, and " + why,
                 "update LM Studio");
  std::vector<ModelStatus> all;
  for (const ModelInfo& model : models)
    for (const ModelInstance& instance : model.instances) all.push_back(describe(model, instance, why));
  return all;
}

}  // namespace tachikoma::lmstudio
