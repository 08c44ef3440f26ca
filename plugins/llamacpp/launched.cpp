// SPDX-License-Identifier: MIT
#include "llamacpp/launched.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/json.hpp"
#include "llamacpp/effective.hpp"
#include "llamacpp/server_status.hpp"

namespace tachikoma::llamacpp {
namespace {

constexpr std::chrono::seconds kStatusTime{2};

// Who asks it holds the instance, so that a call can tell what became of it.
std::shared_ptr<kit::HttpClient> client_of(const std::shared_ptr<Instance>& instance) {
  return {instance, instance->client().get()};
}

}  // namespace

void* Launched::capability(std::string_view id) {
  void* const found = capability_of<ModelManager>(this, id);
  return found ? found : TokenCountingProvider::capability(id);
}

Result<std::shared_ptr<kit::HttpClient>> Launched::client_for(std::string_view model,
                                                              const CallContext& context) {
  const Result<std::shared_ptr<Instance>> instance = engine_.obtain(model, context);
  if (!instance) return instance.error();
  (*instance)->note_used();
  context.enter(Phase::connecting);
  return client_of(*instance);
}

std::shared_ptr<kit::HttpClient> Launched::client_at_hand_for(std::string_view model) {
  const std::shared_ptr<Instance> instance = engine_.find(model);
  if (!instance) return nullptr;
  instance->note_used();
  return client_of(instance);
}

Result<kit::ChatForm> Launched::chat_form(const ChatRequest&, const CallContext&) {
  return kit::ChatForm{.takes_mirostat = true, .strict_takes_any_schema = true};
}

kit::RequestFacts Launched::facts(const kit::HttpClient& client) const {
  return {.base_url = client.url().text(), .server = "llama.cpp"};
}

Error Launched::with_start_hint(Error error, const kit::HttpClient& client) {
  const bool broken = error.code == ErrorCode::unreachable || error.code == ErrorCode::model_lost;
  if (!broken || error.http_status != 0) return error;
  const std::shared_ptr<Instance> instance = engine_.find(client);
  return instance ? instance->explain(std::move(error)) : error;
}

Result<std::vector<ModelInfo>> Launched::list_models(const CallContext&) {
  std::vector<ModelInfo> models = engine_.models().list();
  for (const std::shared_ptr<Instance>& instance : engine_.loaded()) {
    auto found = std::find_if(models.begin(), models.end(),
                              [&](const ModelInfo& each) { return each.key == instance->key(); });
    if (found == models.end())
      found = models.insert(models.end(), {.key = instance->key(), .format = "gguf", .kind = ModelKind::llm});
    found->state = ModelState::loaded;
    found->instances.push_back({instance->id(), context_of(instance->log())});
  }
  return models;
}

Result<Health> Launched::check_health(const CallContext& context) {
  const Result<ServerBinary> binary = engine_.binary(context.cancellation);
  if (!binary) return binary.error();
  Health health;
  health.server = "llama.cpp";
  health.base_url = binary->path;
  health.version = binary->build;
  health.api = "/v1";
  return health;
}

Result<LoadedModel> Launched::load(const LoadRequest& request, LoadSink& sink, const CallContext& context) {
  const auto start = std::chrono::steady_clock::now();
  Result<Engine::Loaded> loaded = engine_.load(request.key, request.settings, context);
  if (!loaded) return std::move(loaded).error();
  sink.on_progress(1);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  LoadedModel model{.key = loaded->instance->key(),
                    .instance = loaded->instance->id(),
                    .surface = "command line",
                    .unapplied = std::move(loaded->unapplied),
                    .load_time = {took, Source::measured, "from the call to the server's first good answer"}};
  read_effective(loaded->instance->log(), request.settings, model);
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
  status.ttl = {std::chrono::milliseconds(0), Source::measured, "it stays until it is unloaded"};
  status.last_used = {
      std::chrono::duration_cast<std::chrono::milliseconds>(instance.last_used().time_since_epoch()),
      Source::measured, "when it was asked last"};
  const kit::CallScope scope{context.cancellation, kit::CallScope::Clock::now() + kStatusTime};
  const auto body = [&](const char* path) {
    const Result<kit::Document> reply = kit::fetch(*instance.client(), {.path = path}, scope);
    return reply && reply->ok() ? reply->body : std::string();
  };
  if (const Result<Value> slots = base::parse_json(body("/slots"))) read_slots(*slots, status);
  if (const Result<Value> props = base::parse_json(body("/props"))) read_props(*props, status);
  read_metrics(body("/metrics"), status);
  return status;
}

Result<MemoryEstimate> Launched::estimate(const LoadRequest& request, const CallContext&) {
  const Result<ModelFile> file = engine_.models().find(request.key);
  if (!file) return file.error();
  return estimate_memory(file->model, request.settings);
}

}  // namespace tachikoma::llamacpp
