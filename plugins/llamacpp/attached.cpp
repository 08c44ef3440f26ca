// SPDX-License-Identifier: MIT
#include "llamacpp/attached.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/json.hpp"
#include "common/model_list.hpp"
#include "common/pause.hpp"
#include "common/server_url.hpp"
#include "llamacpp/hardware.hpp"
#include "llamacpp/server_diagnosis.hpp"
#include "llamacpp/server_status.hpp"

namespace tachikoma::llamacpp {
namespace {

constexpr std::string_view kModels = "/v1/models";
/// The router tells nobody when a model is there, so its list is read, ever less often.
constexpr std::chrono::milliseconds kFirstPause{20};
constexpr std::chrono::milliseconds kLongestPause{500};

const ModelInfo* find_key(const std::vector<ModelInfo>& models, std::string_view key) {
  const auto found =
      std::find_if(models.begin(), models.end(), [&](const ModelInfo& each) { return each.key == key; });
  return found == models.end() ? nullptr : &*found;
}

void list_all_unapplied(const LoadSettings& asked, LoadedModel& model) {
  const auto add = [&](const char* name, bool set) {
    if (set)
      model.unapplied.push_back({.name = name, .reason = "the router starts models with its own settings"});
  };
  add("context_length", asked.context_length.has_value());
  add("gpu_layers", asked.gpu_layers.has_value());
  add("gpu_split_mode", asked.gpu_split_mode.has_value());
  add("main_gpu", asked.main_gpu.has_value());
  add("tensor_split", !asked.tensor_split.empty());
  add("batch_size", asked.batch_size.has_value());
  add("micro_batch_size", asked.micro_batch_size.has_value());
  add("threads", asked.threads.has_value());
  add("use_mlock", asked.use_mlock.has_value());
  add("use_mmap", asked.use_mmap.has_value());
  add("offload_kqv", asked.offload_kqv.has_value());
  add("flash_attention", asked.flash_attention.has_value());
  add("cache_type_k", asked.cache_type_k.has_value());
  add("cache_type_v", asked.cache_type_v.has_value());
  add("seed", asked.seed.has_value());
  add("rope_frequency_base", asked.rope_frequency_base.has_value());
  add("rope_frequency_scale", asked.rope_frequency_scale.has_value());
  add("experts", asked.experts.has_value());
  add("parallel", asked.parallel.has_value());
  add("ttl", asked.ttl.has_value());
  add("identifier", asked.identifier.has_value());
  for (const Member& each : asked.extra.members()) add(("extra." + each.key).c_str(), true);
}

}  // namespace

void* Attached::capability(std::string_view id) {
  void* const found = capability_of<ModelManager, HardwareSurvey, SelfDiagnosis, ServerLog>(this, id);
  return found ? found : TokenCountingProvider::capability(id);
}

Result<kit::ChatForm> Attached::chat_form(const ChatRequest&, const CallContext&) {
  return kit::ChatForm{.takes_mirostat = true, .strict_takes_any_schema = true};
}

kit::RequestFacts Attached::facts(const kit::HttpClient& client) const {
  return {.base_url = client.url().text(),
          .start_hint =
              "start it with: llama-server --port " + std::to_string(client.url().port) + " -m MODEL.gguf",
          .server = "llama.cpp's server"};
}

// Its own words are the proof: other servers have no /props with a build.
Result<Health> Attached::check_health(const CallContext& context) {
  Result<Health> health = TokenCountingProvider::check_health(context);
  if (!health) return health;
  const Result<std::shared_ptr<kit::HttpClient>> server = client(context);
  if (!server) return server.error();
  const Result<Value> props = get_json(**server, "/props", kit::CallScope::of(context));
  if (!props) return props.error();
  if (!(*props)["default_generation_settings"].is_object())
    return Error(ErrorCode::protocol,
                 health->base_url + " is not llama.cpp's server: its /props say nothing of one",
                 "use the plugin 'openai' for another server, or correct base_url");
  health->server = (*props)["role"].as_string() == "router" ? "llama.cpp router" : "llama.cpp";
  health->version = (*props)["build_info"].as_string();
  return health;
}

Status Attached::check_router(kit::HttpClient& client, const kit::CallScope& scope) {
  const Result<Value> props = get_json(client, "/props", scope);
  if (!props) return props.error();
  if ((*props)["role"].as_string() == "router") return Done{};
  return Error(ErrorCode::unsupported,
               "the server at " + client.url().text() + " has one model, which it keeps",
               "start it as a router (llama-server --models-dir DIR), or let this plugin start servers: "
               "leave base_url out");
}

Result<LoadedModel> Attached::load(const LoadRequest& request, LoadSink& sink, const CallContext& context) {
  const auto start = std::chrono::steady_clock::now();
  const Result<std::shared_ptr<kit::HttpClient>> server = client(context);
  if (!server) return server.error();
  const kit::CallScope scope = kit::CallScope::of(context);
  if (Status router = check_router(**server, scope); !router) return std::move(router).error();
  const std::string body = base::to_json(Value::object({{"model", request.key}}));
  const Result<Value> accepted = post_json(**server, "/models/load", body, request.key, scope);
  if (!accepted) return accepted.error();
  context.enter(Phase::loading);
  const Result<ModelInfo> there = wait_until_loaded(**server, request.key, context);
  if (!there) return there.error();
  sink.on_progress(1);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  LoadedModel model{
      .key = request.key,
      .instance = request.key,
      .surface = "llama.cpp router",
      .load_time = {took, Source::measured, "from the call until the router's list said loaded"}};
  const ModelStatus status = status_of(**server, *there, scope);
  if (status.context_length) model.applied.context_length = status.context_length.value;
  list_all_unapplied(request.settings, model);
  return model;
}

Result<ModelInfo> Attached::wait_until_loaded(kit::HttpClient& client, std::string_view key,
                                              const CallContext& context) {
  for (auto wait = kFirstPause;; wait = std::min(wait * 2, kLongestPause)) {
    const Result<Value> reply = get_json(client, kModels, kit::CallScope::of(context));
    if (!reply) return reply.error();
    const Result<std::vector<ModelInfo>> models =
        kit::read_openai_models(*reply, client.url().text() + std::string(kModels));
    if (!models) return models.error();
    const ModelInfo* model = find_key(*models, key);
    if (model && model->state == ModelState::loaded) return *model;
    if (!model || model->state == ModelState::failed || model->state == ModelState::not_loaded)
      return Error(ErrorCode::protocol,
                   "the router at " + client.url().text() + " could not load '" + std::string(key) + "'",
                   "its log says why");
    if (!kit::pause(wait, context.cancellation)) return Error(ErrorCode::cancelled, "cancelled");
  }
}

Status Attached::unload(std::string_view instance, const CallContext& context) {
  const Result<std::shared_ptr<kit::HttpClient>> server = client(context);
  if (!server) return server.error();
  const kit::CallScope scope = kit::CallScope::of(context);
  if (Status router = check_router(**server, scope); !router) return router;
  const std::string body = base::to_json(Value::object({{"model", instance}}));
  const Result<Value> reply = post_json(**server, "/models/unload", body, instance, scope);
  if (!reply) return reply.error();
  return Done{};
}

Result<std::vector<ModelStatus>> Attached::loaded(const CallContext& context) {
  const Result<std::shared_ptr<kit::HttpClient>> server = client(context);
  if (!server) return server.error();
  const Result<std::vector<ModelInfo>> models = list_models(context);
  if (!models) return models.error();
  std::vector<ModelStatus> all;
  for (const ModelInfo& model : *models)
    if (model.state == ModelState::loaded)
      all.push_back(status_of(**server, model, kit::CallScope::of(context)));
  return all;
}

ModelStatus Attached::status_of(kit::HttpClient& client, const ModelInfo& model,
                                const kit::CallScope& scope) {
  ModelStatus status;
  status.key = status.instance = model.key;
  status.state = ModelState::loaded;
  status.gpu_layers.basis = status.total_layers.basis =
      "only the server's log says it, which is not to be had from here";
  status.memory_bytes.basis = status.vram_bytes.basis = status.gpu_layers.basis;
  const std::string name = kit::percent_encoded(model.key);
  const auto body = [&](const char* path) {
    const Result<kit::Document> reply = kit::fetch(client, {.path = path + ("?model=" + name)}, scope);
    return reply && reply->ok() ? reply->body : std::string();
  };
  if (const Result<Value> slots = base::parse_json(body("/slots"))) read_slots(*slots, status);
  if (const Result<Value> props = base::parse_json(body("/props"))) read_props(*props, status);
  read_metrics(body("/metrics"), status);
  status.config_basis = "llama.cpp /props";
  return status;
}

Result<Hardware> Attached::survey(const CallContext& context) {
  const Result<std::shared_ptr<kit::HttpClient>> server = client(context);
  if (!server) return server.error();
  return survey_server_at((*server)->url());
}

Result<std::vector<Finding>> Attached::examine(const CallContext& context) {
  const Result<std::shared_ptr<kit::HttpClient>> server = client(context);
  if (server) return examine_server(**server, settings(), context.cancellation);
  const Error& error = server.error();
  if (context.cancellation.requested()) return error;
  return std::vector<Finding>{{"launch-failed", Severity::error, error.code, error.message,
                               "the command of 'launch' was run", error.hint}};
}

Status Attached::follow(ServerLogSink&, const CallContext&) {
  return Error(ErrorCode::unsupported,
               "llama.cpp's server hands its log to nobody over HTTP: it is where the server was started",
               "look there, or let this plugin start the servers: leave base_url out");
}

Result<MemoryEstimate> Attached::estimate(const LoadRequest&, const CallContext&) {
  return Error(ErrorCode::unsupported, "a llama.cpp server can't say what a load would take");
}

}  // namespace tachikoma::llamacpp
