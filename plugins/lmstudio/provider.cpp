// SPDX-License-Identifier: MIT
#include "lmstudio/provider.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/json.hpp"
#include "base/try.hpp"
#include "lmstudio/diagnosis.hpp"
#include "lmstudio/discovery.hpp"
#include "lmstudio/log_reader.hpp"
#include "lmstudio/model_names.hpp"
#include "lmstudio/models.hpp"
#include "lmstudio/reasoning.hpp"
#include "lmstudio/sdk_models.hpp"

namespace tachikoma::lmstudio {
namespace {

/// How long a chat waits for a model list before it goes on without one.
constexpr std::chrono::seconds kLookUpTime{2};

// True if the error rules out this API, but not the whole server.
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

Error no_vision(const ModelInfo& model) {
  return Error(ErrorCode::unsupported, "model '" + model.key + "' can't see images, as LM Studio says",
               "choose a model with vision, or leave the images out");
}

}  // namespace

Result<std::unique_ptr<Provider>> LmStudio::make(const Value& settings, Host& host) {
  TACHIKOMA_TRY(kit::ServerSettings read, kit::ServerSettings::read(settings));
  TACHIKOMA_TRY(Place place, Place::read(settings));
  TACHIKOMA_TRY(std::optional<kit::LaunchSettings> launch, kit::LaunchSettings::read(settings["launch"]));
  if (launch && (!place.url || place.start))
    return Error(
        ErrorCode::config_invalid,
        place.url ? "'launch' and 'start_server' are both given" : "'launch' needs a base_url",
        place.url ? "keep one of them" : "set base_url to the address of the server that the command starts");
  if (launch)
    return std::unique_ptr<Provider>(
        std::make_unique<LmStudio>(std::move(place), std::move(read.access), host, *std::move(launch)));
  return std::unique_ptr<Provider>(
      std::make_unique<LmStudio>(std::move(place), std::move(read.access), host));
}

void* LmStudio::capability(std::string_view id) {
  // there is no non-blocking driver for TLS
  if (id == AsyncChat::kId && locator_.place().url && locator_.place().url->tls) return nullptr;
  if (id == PromptReturn::kId && locator_.place().start) return nullptr;  // another call may wait for that
  if (id == ModelManager::kId) return static_cast<ModelManager*>(&manager_);
  if (id == ModelDownloader::kId) return static_cast<ModelDownloader*>(&downloads_);
  if (id == HardwareSurvey::kId) return static_cast<HardwareSurvey*>(&hardware_);
  if (id == Tokenizer::kId) return static_cast<Tokenizer*>(&tokens_);
  if (void* own = capability_of<SelfDiagnosis, ServerLog>(this, id)) return own;
  return OpenAiCompatibleProvider::capability(id);
}

std::shared_ptr<kit::HttpClient> LmStudio::cached_client() {
  if (launched_) return is_known_ ? OpenAiCompatibleProvider::cached_client() : nullptr;
  return locator_.cached_http();
}

Result<std::shared_ptr<kit::HttpClient>> LmStudio::client(const CallContext& context) {
  const kit::CallScope scope = kit::CallScope::of(context);
  if (launched_) {
    TACHIKOMA_TRY(std::shared_ptr<kit::HttpClient> server, OpenAiCompatibleProvider::client(context));
    if (!is_known_) TACHIKOMA_TRY_STATUS(check_is_lmstudio(*server, scope));
    is_known_ = true;
    return server;
  }
  Result<std::shared_ptr<kit::HttpClient>> server = locator_.http(scope);
  if (server || !locator_.at_fixed_url()) return server;
  return with_start_hint(std::move(server).error(), *locator_.at_fixed_url());
}

Result<std::shared_ptr<SdkClient>> LmStudio::sdk(const CallContext& context) {
  if (launched_) TACHIKOMA_TRY_STATUS(client(context));
  return locator_.sdk(context.cancellation);
}

void LmStudio::on_unreachable() {
  is_known_ = false;
  locator_.forget();
  const std::lock_guard lock(mutex_);
  listing_ = nullptr;
}

Result<Value> LmStudio::get(std::string_view path, const CallContext& context) {
  TACHIKOMA_TRY(const std::shared_ptr<kit::HttpClient> server, client(context));
  return get_json(*server, path, kit::CallScope::of(context));
}

Result<Value> LmStudio::post(std::string_view path, const Value& body, std::string_view model,
                             const CallContext& context) {
  TACHIKOMA_TRY(const std::shared_ptr<kit::HttpClient> server, client(context));
  return post_json(*server, path, base::to_json(body), model, kit::CallScope::of(context));
}

Result<std::vector<Finding>> LmStudio::examine(const CallContext& context) {
  if (launched_)
    if (const auto up = client(context); !up) {
      const Error& error = up.error();
      return std::vector<Finding>{{"launch-failed", Severity::error, error.code, error.message,
                                   "the command of 'launch' was run", error.hint}};
    }
  return lmstudio::examine(locator_, context);
}

Status LmStudio::follow(ServerLogSink& sink, const CallContext& context) {
  return follow_log(locator_, sink, context);
}

Result<kit::ChatForm> LmStudio::chat_form(const ChatRequest& request, const CallContext& context) {
  kit::ChatForm form{
      .mirostat_hint = "no API of LM Studio is known to honour it: remove it, or use the 'llamacpp' plugin",
      .loads_models = true,
      .strict_takes_any_schema = true};
  const auto undocumented = [&](const std::string& setting) {
    form.notices.push_back(
        setting + " is sent, but LM Studio does not document it for /v1/chat/completions and may ignore it");
  };
  if (request.settings.min_p) undocumented("min_p");
  if (request.parallel_tool_calls && !request.tools.empty()) undocumented("parallel_tool_calls");
  const auto& effort = request.settings.reasoning_effort;
  const bool images = has_images(request);
  if (!effort && !images) return form;
  const std::optional<Known> known = look_up(request.model, context);
  if (images && known && known->model.vision == false) return no_vision(known->model);
  if (!effort) return form;
  const Effort choice = known && known->lists_reasoning ? choose_effort(*effort, known->model)
                                                        : send_unchecked(*effort, request.model);
  form.reasoning_effort = choice.value;
  if (!choice.notice.empty()) form.notices.push_back(choice.notice);
  return form;
}

bool LmStudio::chat_form_waits(const ChatRequest& request) const {
  return request.settings.reasoning_effort || has_images(request);
}

std::shared_ptr<const LmStudio::Listing> LmStudio::fresh_listing(const CallContext& context) {
  const Result<std::shared_ptr<kit::HttpClient>> server = client(context);
  if (!server) return nullptr;
  const kit::CallScope scope{context.cancellation, kit::CallScope::Clock::now() + kLookUpTime};
  Result<Listing> listing = list(**server, scope);
  if (!listing) return nullptr;
  auto fresh = std::make_shared<const Listing>(*std::move(listing));
  const std::lock_guard lock(mutex_);
  return listing_ = fresh;
}

std::shared_ptr<const LmStudio::Listing> LmStudio::last_listing() const {
  const std::lock_guard lock(mutex_);
  return listing_;
}

kit::ServedModel LmStudio::judge_served(std::string_view asked, std::string_view served) {
  if (asked.empty() || same_name(asked, served)) return kit::ServedModel::same;
  const std::shared_ptr<const Listing> listing = last_listing();
  return listing && same_model(listing->models, asked, served) ? kit::ServedModel::same
                                                               : kit::ServedModel::unknown;
}

bool LmStudio::is_same_model(std::string_view asked, std::string_view served, const CallContext& context) {
  const std::shared_ptr<const Listing> listing = fresh_listing(context);
  return listing && same_model(listing->models, asked, served);
}

// A model's abilities do not change while it exists, so the last list is good enough if it has the model.
std::optional<LmStudio::Known> LmStudio::look_up(std::string_view model, const CallContext& context) {
  std::shared_ptr<const Listing> listing = last_listing();
  const ModelInfo* found = listing ? find_model(listing->models, model) : nullptr;
  if (!found && (listing = fresh_listing(context))) found = find_model(listing->models, model);
  if (!found) return std::nullopt;
  return Known{*found, listing->api == list_surfaces().front().api};
}

kit::RequestFacts LmStudio::facts(const kit::HttpClient& client) const {
  return {.base_url = client.url_text(), .server = "LM Studio"};
}

std::string LmStudio::start_hint(const kit::HttpClient& client) const {
  return "start LM Studio and its server (its Developer tab, or: lms server start --port " +
         std::to_string(client.url().port) + "), and check that nothing blocks the port";
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
  Result<Listing> listing = server ? list(**server, kit::CallScope::of(context)) : server.error();
  if (listing) return std::move(listing->models);
  const Error& why = listing.error();
  const bool is_off = server || locator_.at_fixed_url() ? why.detail["reason"].as_string() == "refused"
                                                        : why.code == ErrorCode::unreachable;
  if (is_off)  // the HTTP server, not LM Studio itself
    if (Result<std::vector<ModelInfo>> models = list_over_sdk(*this, context)) return models;
  return why;
}

// Newer servers report it over HTTP, all over the WebSocket; an unknown version is not an error.
std::string LmStudio::read_version(kit::HttpClient& client, const CallContext& context) {
  const Result<Value> status = get_json(client, "/lms-status", kit::CallScope::of(context));
  if (status && !(*status)["version"].as_string().empty())
    return std::string((*status)["version"].as_string());
  const Result<std::shared_ptr<SdkClient>> sdk = locator_.sdk(context.cancellation);
  if (!sdk) return {};
  const Result<Value> version = (*sdk)->call(Namespace::system, "version", {}, kit::CallScope::of(context));
  return version ? std::string((*version)["version"].as_string()) : std::string();
}

Result<Health> LmStudio::check_health(const CallContext& context) {
  TACHIKOMA_TRY(const std::shared_ptr<kit::HttpClient> server, client(context));
  kit::HttpClient& http = *server;
  const kit::CallScope scope = kit::CallScope::of(context);
  if (Status proven = check_is_lmstudio(http, scope); !proven)
    return with_start_hint(std::move(proven).error(), http);
  TACHIKOMA_TRY(const Listing listing, list(http, scope));
  TACHIKOMA_TRY(const bool locked, needs_key(http, listing.path, scope));
  Health health;
  health.server = "LM Studio";
  health.base_url = http.url_text();
  health.version = read_version(http, context);
  health.api = listing.api;
  health.auth_required = locked;
  health.loaded_models = 0;
  for (const ModelInfo& model : listing.models)
    *health.loaded_models += static_cast<std::int64_t>(model.instances.size());
  return health;
}

}  // namespace tachikoma::lmstudio
