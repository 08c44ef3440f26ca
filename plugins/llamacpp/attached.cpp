// SPDX-License-Identifier: MIT
#include "llamacpp/attached.hpp"

#include <chrono>
#include <utility>

#include "base/json.hpp"
#include "base/load_settings.hpp"
#include "base/try.hpp"
#include "common/net/server_url.hpp"
#include "llamacpp/hardware.hpp"
#include "llamacpp/server_diagnosis.hpp"

namespace tachikoma::llamacpp {
namespace {

// Forwards everything, and records the notices.
class NoticeKeeper final : public LoadSink {
 public:
  explicit NoticeKeeper(LoadSink& sink) : sink_(sink) {}
  Flow on_progress(double fraction) override { return sink_.on_progress(fraction); }
  Flow on_notice(std::string_view text) override {
    notices.emplace_back(text);
    return sink_.on_notice(text);
  }
  std::vector<std::string> notices;

 private:
  LoadSink& sink_;
};

std::vector<UnappliedSetting> compare(const LoadSettings& asked, const LoadSettings& applied) {
  constexpr std::string_view kReason = "the router starts models with its own settings";
  const Value wanted = base::to_value(asked);
  const Value there = base::to_value(applied);
  std::vector<UnappliedSetting> unapplied;
  for (const Member& setting : wanted.members()) {
    if (setting.key == "extra" || there[setting.key] == setting.value) continue;
    unapplied.push_back({setting.key, setting.value, there[setting.key], std::string(kReason)});
  }
  for (const Member& each : asked.extra.members())
    unapplied.push_back({"extra." + each.key, each.value, {}, std::string(kReason)});
  return unapplied;
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
  return {.base_url = client.url_text(), .server = "llama.cpp's server"};
}

std::string Attached::start_hint(const kit::HttpClient& client) const {
  return "start it with: llama-server --port " + std::to_string(client.url().port) + " -m MODEL.gguf";
}

Result<Health> Attached::check_health(const CallContext& context) {
  TACHIKOMA_TRY(Health health, TokenCountingProvider::check_health(context));
  TACHIKOMA_TRY(const std::shared_ptr<kit::HttpClient> server, client(context));
  TACHIKOMA_TRY(const Value props, read_own_props(*server, kit::CallScope::of(context)));
  health.server = props["role"].as_string() == "router" ? "llama.cpp router" : "llama.cpp";
  health.version = props["build_info"].as_string();
  return health;
}

// The content identifies it: other servers have no such /props.
Result<Value> Attached::read_own_props(kit::HttpClient& client, const kit::CallScope& scope) {
  Result<Value> props = get_json(client, "/props", scope);
  const bool answered = props || props.error().http_status == 404 || props.error().http_status == 405 ||
                        props.error().code == ErrorCode::unsupported;
  if (!answered || (props && (*props)["default_generation_settings"].is_object())) return props;
  return Error(ErrorCode::protocol,
               client.url_text() + " is not llama.cpp's server: its /props does not describe one",
               "use the plugin 'openai' for another server, or correct base_url");
}

Status Attached::check_router(kit::HttpClient& client, const kit::CallScope& scope) {
  TACHIKOMA_TRY(const Value props, read_own_props(client, scope));
  if (props["role"].as_string() == "router") return Done{};
  return Error(ErrorCode::unsupported, "the server at " + client.url_text() + " serves one fixed model",
               "start it as a router (llama-server --models-dir DIR), or let this plugin start servers: "
               "leave base_url out");
}

RouterRequests Attached::requests_about(kit::HttpClient& client, std::string_view key) {
  return {
      .list = [this, &client](const kit::CallScope& scope) { return get_json(client, "/v1/models", scope); },
      .post = [this, &client, key = std::string(key)](std::string_view path,
                                                      const kit::CallScope& scope) -> Status {
        const std::string body = base::to_json(Value::object({{"model", key}}));
        TACHIKOMA_TRY_STATUS(post_json(client, path, body, key, scope));
        return Done{};
      }};
}

Result<LoadedModel> Attached::load(const LoadRequest& request, LoadSink& sink, const CallContext& context) {
  const auto start = std::chrono::steady_clock::now();
  TACHIKOMA_TRY(const std::shared_ptr<kit::HttpClient> server, client(context));
  const kit::CallScope scope = kit::CallScope::of(context);
  TACHIKOMA_TRY_STATUS(check_router(*server, scope));
  context.enter(Phase::loading);
  NoticeKeeper keeper(sink);
  RouterChange change(*server, requests_about(*server, request.key), request.key, context);
  TACHIKOMA_TRY_STATUS(change.load(keeper));
  sink.on_progress(1);
  const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
  LoadedModel model{
      .key = request.key,
      .instance = request.key,
      .surface = "llama.cpp router",
      .load_time = {took, Source::measured, "from the call until the router's list said loaded"},
      .notices = std::move(keeper.notices)};
  const ModelStatus status = status_of(*server, request.key, Sleeper::wake, scope);
  if (status.context_length) model.applied.context_length = status.context_length.value;
  model.applied.parallel = status.config.parallel;
  model.unapplied = compare(request.settings, model.applied);
  return model;
}

Result<bool> Attached::applies_settings(const CallContext& context) {
  TACHIKOMA_TRY(const std::shared_ptr<kit::HttpClient> server, client(context));
  TACHIKOMA_TRY_STATUS(check_router(*server, kit::CallScope::of(context)));
  return false;
}

Status Attached::unload(std::string_view instance, const CallContext& context) {
  TACHIKOMA_TRY(const std::shared_ptr<kit::HttpClient> server, client(context));
  TACHIKOMA_TRY_STATUS(check_router(*server, kit::CallScope::of(context)));
  return RouterChange(*server, requests_about(*server, instance), instance, context).unload();
}

Result<std::vector<ModelStatus>> Attached::loaded(const CallContext& context) {
  TACHIKOMA_TRY(const std::shared_ptr<kit::HttpClient> server, client(context));
  TACHIKOMA_TRY(const std::vector<ModelInfo> models, list_models(context));
  std::vector<ModelStatus> all;
  for (const ModelInfo& model : models)
    if (model.state == ModelState::loaded)
      all.push_back(status_of(*server, model.key, Sleeper::leave, kit::CallScope::of(context)));
  return all;
}

ModelStatus Attached::status_of(kit::HttpClient& client, std::string_view key, Sleeper sleeper,
                                const kit::CallScope& scope) {
  ModelStatus status;
  status.key = status.instance = key;
  status.state = ModelState::loaded;
  status.gpu_layers.basis = status.total_layers.basis =
      "only the server's log has it, which can't be read from here";
  status.memory_bytes.basis = status.vram_bytes.basis = status.gpu_layers.basis;
  status.ttl.basis = status.last_used.basis = "llama.cpp's server does not report it";
  // without autoload: a status request would make a router load the model
  ask_server(client, "?autoload=false&model=" + kit::percent_encoded(key), sleeper, scope, status);
  if (status.context_length) status.config_basis = status.context_length.basis;
  return status;
}

Result<Hardware> Attached::survey(const CallContext& context) {
  TACHIKOMA_TRY(const std::shared_ptr<kit::HttpClient> server, client(context));
  return survey_server_at(server->url());
}

Result<std::vector<Finding>> Attached::examine(const CallContext& context) {
  const Result<std::shared_ptr<kit::HttpClient>> server = client(context);
  if (server) return examine_server(**server, access(), context.cancellation);
  const Error& error = server.error();
  if (context.cancellation.requested()) return error;
  return std::vector<Finding>{{"launch-failed", Severity::error, error.code, error.message,
                               "the command of 'launch' was run", error.hint}};
}

Status Attached::follow(ServerLogSink&, const CallContext&) {
  return Error(
      ErrorCode::unsupported,
      "llama.cpp's server does not offer its log over HTTP: it is written where the server was started",
      "look there, or let this plugin start the servers: leave base_url out");
}

Result<MemoryEstimate> Attached::estimate(const LoadRequest&, const CallContext&) {
  return Error(
      ErrorCode::unsupported, "a llama.cpp server can't estimate the memory of a load",
      "let this plugin start servers (leave base_url out): then the estimate is made from the model's file");
}

}  // namespace tachikoma::llamacpp
