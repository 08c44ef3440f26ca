// SPDX-License-Identifier: MIT
#include "lmstudio/provider.hpp"

#include <utility>

#include "lmstudio/discovery.hpp"
#include "lmstudio/models.hpp"

namespace tachikoma::lmstudio {
namespace {

// The server said something that rules this surface out, rather than the whole server.
bool tries_next_surface(const Error& error) {
  switch (error.code) {
    case ErrorCode::unreachable: return error.http_status != 0;
    case ErrorCode::unauthenticated:
    case ErrorCode::forbidden:
    case ErrorCode::cancelled:
    case ErrorCode::rate_limited:
    case ErrorCode::overloaded: return false;
    default: return true;
  }
}

}  // namespace

Result<std::unique_ptr<Provider>> LmStudio::make(const Value& settings, Host& host) {
  Result<kit::ServerSettings> read = kit::ServerSettings::read(settings);
  if (!read) return std::move(read).error();
  if (read->base_url.empty() || read->base_url == "auto")
    return std::unique_ptr<Provider>(std::make_unique<LmStudio>(*std::move(read), host));
  return kit::make_server_provider<LmStudio>(settings, host);
}

std::shared_ptr<kit::HttpClient> LmStudio::client_at_hand() {
  if (!automatic_) return OpenAiCompatibleProvider::client_at_hand();
  const std::lock_guard lock(mutex_);
  return found_;
}

Result<std::shared_ptr<kit::HttpClient>> LmStudio::client(const CallContext& context) {
  if (auto known = client_at_hand()) return known;
  Result<std::shared_ptr<kit::HttpClient>> discovered = discover(settings(), host(), context.cancellation);
  if (!discovered) return discovered;
  host().log(Severity::info, "LM Studio found at " + (*discovered)->url().text());
  const std::lock_guard lock(mutex_);
  if (!found_) found_ = *std::move(discovered);
  return found_;
}

void LmStudio::on_unreachable() {
  const std::lock_guard lock(mutex_);
  found_ = nullptr;
}

std::vector<std::string> LmStudio::notices(const ChatRequest& request) const {
  if (!request.settings.min_p) return {};
  return {"min_p is sent, but LM Studio does not document it for /v1/chat/completions and may ignore it"};
}

kit::RequestFacts LmStudio::facts(const kit::HttpClient& client) const {
  return {.base_url = client.url().text(),
          .start_hint = "start LM Studio and its server (its Developer tab, or: lms server start --port " +
                        std::to_string(client.url().port) + "), and check that nothing blocks the port",
          .server = "LM Studio"};
}

std::string_view LmStudio::mirostat_hint() const {
  return "LM Studio is not known to honour it on any surface: remove it, or use the 'llamacpp' plugin";
}

Result<LmStudio::Listing> LmStudio::list(kit::HttpClient& client, const kit::CallScope& scope) {
  Error last;
  for (const ListSurface& surface : list_surfaces()) {
    const Result<Value> reply = get_json(client, surface.path, scope);
    Result<std::vector<ModelInfo>> models = reply ? surface.read(*reply) : reply.error();
    if (models) return Listing{surface.api, surface.path, *std::move(models)};
    last = std::move(models).error();
    if (!tries_next_surface(last)) break;
  }
  return last;
}

Result<std::vector<ModelInfo>> LmStudio::list_models(const CallContext& context) {
  const Result<std::shared_ptr<kit::HttpClient>> server = client(context);
  if (!server) return server.error();
  Result<Listing> listing = list(**server, kit::CallScope::of(context));
  if (!listing) return std::move(listing).error();
  return std::move(listing->models);
}

// Newer servers say it here; an unknown version is no fault.
std::string LmStudio::read_version(kit::HttpClient& client, const kit::CallScope& scope) {
  const Result<Value> status = get_json(client, "/lms-status", scope);
  return status ? std::string((*status)["version"].as_string()) : std::string();
}

Result<Health> LmStudio::check_health(const CallContext& context) {
  const Result<std::shared_ptr<kit::HttpClient>> server = client(context);
  if (!server) return server.error();
  kit::HttpClient& http = **server;
  const kit::CallScope scope = kit::CallScope::of(context);
  const Result<Greeting> greeting = greet(http, scope);
  if (!greeting) return with_start_hint(greeting.error(), http);
  if (!greeting->is_lmstudio)
    return Error(ErrorCode::protocol, http.url().text() + " is not LM Studio: " + greeting->answer,
                 "use the plugin 'openai' for another OpenAI-compatible server, or correct base_url");
  const Result<Listing> listing = list(http, scope);
  if (!listing) return listing.error();
  const Result<bool> locked = needs_key(http, listing->path, scope);
  if (!locked) return locked.error();
  Health health;
  health.server = "LM Studio";
  health.base_url = http.url().text();
  health.version = read_version(http, scope);
  health.api = listing->api;
  health.auth_required = *locked;
  return health;
}

}  // namespace tachikoma::lmstudio
