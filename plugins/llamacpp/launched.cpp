// SPDX-License-Identifier: MIT
#include "llamacpp/launched.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/try.hpp"
#include "llamacpp/effective.hpp"
#include "llamacpp/engine_diagnosis.hpp"
#include "llamacpp/hardware.hpp"
#include "llamacpp/memory_estimate.hpp"
#include "llamacpp/model_file.hpp"
#include "llamacpp/server_status.hpp"

namespace tachikoma::llamacpp {
namespace {

constexpr std::chrono::seconds kStatusTime{2};

// Besides those of a load's settings.
bool has_more_options(const LaunchOptions& launch) {
  return !launch.arguments.empty() || !launch.rpc.empty() ||
         std::any_of(launch.environment.begin(), launch.environment.end(),
                     [](const auto& variable) { return variable.first.starts_with("LLAMA_ARG_"); });
}

}  // namespace

void* Launched::capability(std::string_view id) {
  if (id == PromptReturn::kId) return nullptr;  // to end a server takes its time
  void* const found =
      capability_of<ModelFiles, ModelManager, HardwareSurvey, SelfDiagnosis, ServerLog>(this, id);
  return found ? found : TokenCountingProvider::capability(id);
}

Result<std::shared_ptr<kit::HttpClient>> Launched::client_for(std::string_view model,
                                                              const CallContext& context) {
  std::shared_ptr<kit::HttpClient> client = engine_.find(model);
  if (!client)
    return Error(ErrorCode::model_not_found, "'" + std::string(model) + "' is not in memory",
                 "load it: a runtime does so before it asks, unless another thread has just unloaded it",
                 Value::object({{"name", model}}));
  context.enter(Phase::connecting);
  return client;
}

std::shared_ptr<kit::HttpClient> Launched::cached_client_for(std::string_view model) {
  return engine_.find(model);
}

Result<kit::ChatForm> Launched::chat_form(const ChatRequest& request, const CallContext&) {
  TACHIKOMA_TRY(const ModelKind kind, engine_.kind(request.model));
  if (kind == ModelKind::embedding)
    return Error(ErrorCode::unsupported,
                 "'" + request.model + "' is an embedding model: it turns texts into vectors, and can't chat",
                 "choose a model that can chat, or use this one for embeddings");
  if (kind == ModelKind::unknown)
    return Error(ErrorCode::unsupported,
                 "'" + request.model + "' is a reranker: it scores texts against a query, and can't chat",
                 "choose a model that can chat");
  return kit::ChatForm{.takes_mirostat = true, .takes_ttl = true, .strict_takes_any_schema = true};
}

Result<Embeddings> Launched::embed(std::string_view model, std::span<const std::string> texts,
                                   const CallContext& context) {
  TACHIKOMA_TRY(const bool embeds, engine_.embeds(model, context));
  if (!embeds) {
    TACHIKOMA_TRY(const ModelKind kind, engine_.kind(model));
    return Error(ErrorCode::unsupported,
                 "'" + std::string(model) + "' is a " +
                     (kind == ModelKind::unknown ? "reranker" : "text model") +
                     ", and was not loaded for embeddings",
                 "choose an embedding model, or load this one with extra: {embeddings: true, pooling: mean}");
  }
  Result<Embeddings> reply = TokenCountingProvider::embed(model, texts, context);
  if (reply || reply.error().code != ErrorCode::context_too_long) return reply;
  Error error = std::move(reply).error();
  error.hint = "shorten the text, or load the model with a larger batch_size and micro_batch_size";
  return error;
}

kit::RequestFacts Launched::facts(const kit::HttpClient& client) const {
  return {.base_url = client.url_text(), .server = "llama.cpp"};
}

Error Launched::with_start_hint(Error error, const kit::HttpClient& client) {
  const bool broken = error.code == ErrorCode::unreachable || error.code == ErrorCode::model_lost;
  if (!broken || error.http_status != 0) return error;
  const std::shared_ptr<Instance> instance = engine_.find(client);
  return instance ? instance->explain(std::move(error)) : error;
}

Result<std::vector<ModelInfo>> Launched::list_models(const CallContext&) {
  ModelFolder::Contents contents = engine_.models().contents();
  std::vector<ModelInfo> models = std::move(contents.models);
  for (const FolderScan::Unread& each : contents.unread) models.push_back(engine_.models().to_info(each));
  for (const std::shared_ptr<Instance>& instance : engine_.loaded()) {
    auto found = std::find_if(models.begin(), models.end(),
                              [&](const ModelInfo& each) { return each.key == instance->key(); });
    if (found == models.end())
      found = models.insert(models.end(),
                            {.key = instance->key(), .format = "gguf", .kind = kind_of(instance->model())});
    found->state = ModelState::loaded;
    found->instances.push_back({instance->id(), context_of(instance->log())});
  }
  return models;
}

Result<Health> Launched::check_health(const CallContext& context) {
  TACHIKOMA_TRY(const ServerBinary binary, engine_.binary(context.cancellation));
  Health health;
  health.server = "llama.cpp";
  health.base_url = binary.path;
  if (binary.build != kUnknownBuild) health.version = binary.build;
  health.api = "/v1";
  health.loaded_models = static_cast<std::int64_t>(engine_.loaded().size());
  return health;
}

Result<LoadedModel> Launched::load(const LoadRequest& request, LoadSink& sink, const CallContext& context) {
  const auto start = std::chrono::steady_clock::now();
  TACHIKOMA_TRY(Engine::Loaded loaded, engine_.load(request.key, request.settings, context, sink));
  sink.on_progress(1);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  LoadedModel model{.key = loaded.instance->key(),
                    .instance = loaded.instance->id(),
                    .surface = "command line",
                    .unapplied = std::move(loaded.unapplied),
                    .load_time = {took, Source::measured, "from the call to the server's first good answer"}};
  read_effective(loaded.instance->log(), request.settings, model);
  return model;
}

Status Launched::unload(std::string_view instance, const CallContext&) { return engine_.unload(instance); }

Result<std::vector<ModelStatus>> Launched::loaded(const CallContext& context) {
  std::vector<ModelStatus> all;
  for (const std::shared_ptr<Instance>& instance : engine_.loaded())
    all.push_back(status_of(*instance, context));
  if (context.cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
  return all;
}

ModelStatus Launched::status_of(Instance& instance, const CallContext& context) {
  ModelStatus status = status_from_log(instance.log(), instance.model());
  status.key = instance.key();
  status.instance = instance.id();
  status.state = ModelState::loaded;
  status.asked = instance.asked();
  const kit::CallScope scope{context.cancellation, kit::CallScope::Clock::now() + kStatusTime};
  ask_server(instance.client(), "", Sleeper::leave, scope, status);
  return status;
}

Result<Hardware> Launched::survey(const CallContext& context) {
  return survey_machine(engine_.binary(context.cancellation), engine_.options().launch.environment,
                        context.cancellation);
}

Result<std::vector<Finding>> Launched::examine(const CallContext& context) {
  return examine_engine(engine_, host(), context.cancellation);
}

Status Launched::follow(ServerLogSink& sink, const CallContext& context) {
  return engine_.log().follow(sink, context);
}

// The estimate refuses whatever the load would refuse.
Result<MemoryEstimate> Launched::estimate(const LoadRequest& request, const CallContext& context) {
  TACHIKOMA_TRY(ModelFile file, engine_.models().find(request.key));
  EstimateFacts facts{.more_options = has_more_options(engine_.options().launch)};
  const Result<ServerBinary> binary = engine_.binary(context.cancellation);
  if (binary) {
    TACHIKOMA_TRY_STATUS(engine_.plan(request.settings, file, *binary));
    facts.build = binary->build;
  }
  std::optional<base::GgufModel> projector;
  if (!file.projector.empty()) {
    TACHIKOMA_TRY(projector, read_file(file.projector));
    facts.projector = &*projector;
  }
  return estimate_memory(file.model, request.settings, facts);
}

}  // namespace tachikoma::llamacpp
