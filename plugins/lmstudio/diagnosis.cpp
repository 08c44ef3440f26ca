// SPDX-License-Identifier: MIT
#include "lmstudio/diagnosis.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/ascii.hpp"
#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "common/errors/findings.hpp"
#include "common/errors/server_error.hpp"
#include "lmstudio/connection_findings.hpp"
#include "lmstudio/model_files.hpp"
#include "lmstudio/models.hpp"

namespace tachikoma::lmstudio {
namespace {

/// The time limit of each query: longer than any healthy server needs.
constexpr std::chrono::seconds kProbeTimeout{2};
constexpr std::string_view kOpenAiList = "/v1/models";

bool is_token(std::string_view key) {
  const auto alphanumeric = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  if (!key.starts_with("sk-lm-") || key.size() != 35 || key[14] != ':') return false;
  key.remove_prefix(6);
  return std::all_of(key.begin(), key.begin() + 8, alphanumeric) &&
         std::all_of(key.begin() + 9, key.end(), alphanumeric);
}

/// Examines the connection and then the server, and stops where a fault hides the rest.
class StudioExamination : private kit::Findings {
 public:
  StudioExamination(const Locator& locator, Cancellation& cancellation)
      : locator_(locator), cancellation_(cancellation) {}

  std::vector<Finding> run() {
    std::vector<Probe> probes =
        probe_all(locator_.candidates(), locator_.access(), locator_.host(), cancellation_, kProbeTimeout);
    const auto found = std::find_if(probes.begin(), probes.end(), [](const Probe& p) { return p.found(); });
    if (found == probes.end()) return explain_search(search(std::move(probes)));
    client_ = found->client;
    if (examine_models()) examine_socket();
    return std::move(findings_);
  }

 private:
  kit::CallScope soon() const { return {cancellation_, kit::CallScope::Clock::now() + kProbeTimeout}; }
  const std::string& where() const { return client_->url_text(); }

  Search search(std::vector<Probe> probes) const {
    Search search{.automatic = !locator_.place().url,
                  .local = locator_.local(),
                  .starts = locator_.place().start,
                  .http = std::move(probes)};
    if (!search.local) return search;
    const std::filesystem::path home = home_folder();
    std::error_code ignored;
    search.home = home.string();
    search.home_exists = std::filesystem::is_directory(home, ignored);
    search.sdk = probe_all(on_this_machine(sdk_ports()), locator_.access(), locator_.host(), cancellation_,
                           kProbeTimeout);
    search.over_ipv4 = over_ipv4();
    return search;
  }

  std::string over_ipv4() const {
    if (!locator_.place().url || locator_.place().url->host != "::1") return {};
    kit::ServerUrl url = *locator_.place().url;
    url.host = "127.0.0.1";
    const std::vector<Probe> probes =
        probe_all({url}, locator_.access(), locator_.host(), cancellation_, kProbeTimeout);
    return probes.front().found() ? url.text() : std::string();
  }

  // False if nothing more can be examined.
  bool examine_models() {
    for (const ListSurface& surface : list_surfaces()) {
      const Result<kit::Document> reply = kit::fetch(*client_, {.path = std::string(surface.path)}, soon());
      if (!reply) return report_no_list(surface, reply.error());
      const Result<Value> json = base::parse_json(reply->body);
      if (json && reply->ok()) {
        const Result<std::vector<ModelInfo>> models = surface.read(*json);
        if (models) return examine_list(surface, *models);
      }
      if (!may_be_missing(*reply, json)) return report_refusal(surface, *reply, json);
    }
    report("no-list", ErrorCode::protocol, where() + " lists no models in any of its APIs",
           "asked /api/v1/models, /api/v0/models and /v1/models", "update LM Studio");
    return false;
  }

  // An older LM Studio does not have every list, and answers as for any unknown path.
  static bool may_be_missing(const kit::Document& reply, const Result<Value>& json) {
    if (!json || !(reply.ok() || reply.status == 404)) return false;
    const auto fault = kit::find_fault(*json);
    return fault && base::to_lower(fault->message).find("unexpected endpoint") != std::string::npos;
  }

  bool report_no_list(const ListSurface& surface, const Error& failure) {
    const std::string asked = where() + std::string(surface.path);
    const std::string_view reason = failure.detail["reason"].as_string();
    if (reason == "silent")
      report("list-silent", ErrorCode::timeout, asked + " is not answered",
             "LM Studio answers the greeting, and then " + failure.message,
             "restart LM Studio: its server answers the greeting alone");
    else
      report("list-cut", failure.code, asked + " is not answered to its end", failure.message,
             "look at LM Studio's log, and at anything in between: a proxy, a VPN");
    return false;
  }

  bool report_refusal(const ListSurface& surface, const kit::Document& reply, const Result<Value>& json) {
    const std::string asked = where() + std::string(surface.path);
    const Error failure = kit::error_from_reply(reply.body, reply.status, reply.retry_after,
                                                {.base_url = where(), .server = "LM Studio"});
    const std::size_t start = reply.body.find_first_not_of(" \t\r\n");
    if (failure.code == ErrorCode::unauthenticated || failure.code == ErrorCode::forbidden)
      report_token(failure);
    else if (failure.code == ErrorCode::overloaded || failure.code == ErrorCode::rate_limited)
      report("server-busy", failure.code, "LM Studio accepts no more requests now", failure.message,
             "wait until it is ready, or unload what makes it busy");
    else if (start != std::string::npos && reply.body[start] == '<')
      report("web-page", ErrorCode::protocol, asked + " answers with a web page", failure.message,
             "look at LM Studio's log; behind a proxy, check that base_url has its whole path");
    else if (!json)
      report("garbled-list", ErrorCode::protocol, asked + " answers with something that is not JSON",
             "it begins with '" + base::excerpt(reply.body, 60) + "'",
             "look at LM Studio's log, and at anything in between: a proxy, a VPN");
    else
      report("list-refused", failure.code, asked + " fails", failure.message, "look at LM Studio's log");
    return false;
  }

  void report_token(const Error& failure) {
    const std::string& key = locator_.access().api_key;
    const std::string make = "LM Studio (Developer, Server Settings, Manage Tokens)";
    if (failure.code == ErrorCode::forbidden)
      report("token-not-permitted", failure.code, "the API token lacks a permission", failure.message,
             "give it the permission in " + make);
    else if (key.empty())
      report("token-missing", failure.code, "LM Studio requires an API token, and none is configured",
             failure.message, "create one in " + make + " and set api_key, preferably as ${LM_API_TOKEN}");
    else if (!is_token(key))
      report("token-malformed", failure.code, "the api_key is not in the form of an LM Studio token",
             failure.message, "copy the whole token, sk-lm-XXXXXXXX:XXXXXXXXXXXXXXXXXXXX, into api_key");
    else
      report("token-refused", failure.code, "LM Studio does not accept the API token", failure.message,
             "create a new one in " + make + ": this one was revoked, or belongs to another server");
  }

  bool examine_list(const ListSurface& surface, const std::vector<ModelInfo>& models) {
    if (&surface != &list_surfaces().front())
      report("old-version", ErrorCode::unsupported, "this LM Studio has no /api/v1, which was added in 0.4",
             where() + std::string(surface.path) + " is the best list that it has",
             "update LM Studio: without it, models are loaded over its WebSocket alone", Severity::warning);
    if (models.empty())
      report_models("no-models", ErrorCode::model_not_found, "LM Studio has no models",
                    where() + std::string(surface.path) + " is an empty list",
                    "download one in its Discover tab, or with: tachikoma download NAME");
    else if (surface.path != kOpenAiList)
      examine_jit(models);
    return true;
  }

  // Whether requests load models matters only while none is loaded. /v1/models then lists those in
  // memory only.
  void examine_jit(const std::vector<ModelInfo>& models) {
    const bool any_loaded = std::any_of(models.begin(), models.end(), [](const ModelInfo& model) {
      return model.kind != ModelKind::embedding && model.state != ModelState::not_loaded;
    });
    if (any_loaded) return;
    const Result<kit::Document> reply = kit::fetch(*client_, {.path = std::string(kOpenAiList)}, soon());
    const Result<Value> json = reply ? base::parse_json(reply->body) : reply.error();
    const Value* list = json ? json->find("data") : nullptr;
    if (!list || !list->is_array() || list->elements().size() >= models.size()) return;
    report_models("no-model-loaded", ErrorCode::model_not_found,
                  "no model is in memory, and requests load none: just-in-time loading is off",
                  where() + std::string(kOpenAiList) + " lists " + std::to_string(list->elements().size()) +
                      " of " + std::to_string(models.size()) + " models",
                  "load one with: tachikoma load MODEL, or switch just-in-time loading on");
  }

  void examine_socket() {
    SdkClient sdk(client_->url(), locator_.access(), locator_.host(),
                  {.connect = kProbeTimeout,
                   .upgrade = kProbeTimeout,
                   .authenticate = kProbeTimeout,
                   .answer = kProbeTimeout});
    const Result<Value> version = sdk.call(Namespace::system, "version", {}, {cancellation_});
    if (version || cancellation_.requested() || own_port_answers()) return;
    const Error& failure = version.error();
    const auto lost = [&](std::string id, const std::string& how, std::string fix) {
      report(std::move(id), failure.code,
             how + ": GPU and memory settings, progress, estimates and the log are not available",
             failure.message, std::move(fix), Severity::warning);
    };
    if (failure.code == ErrorCode::unsupported || failure.code == ErrorCode::forbidden)
      lost("websocket-refused", "LM Studio's WebSocket is refused",
           "let WebSockets through the proxy in front of LM Studio, or update LM Studio");
    else if (failure.code == ErrorCode::unauthenticated)
      lost("websocket-not-admitted", "LM Studio's WebSocket refuses the connection",
           "check that api_key is a token of this server");
    else if (failure.code == ErrorCode::timeout && failure.detail["stage"].as_string() == "authenticate")
      lost("websocket-mute", "LM Studio's WebSocket accepts the connection, but then does not answer",
           "restart LM Studio: its server hangs");
    else if (failure.code == ErrorCode::timeout)
      lost("websocket-silent", "LM Studio's WebSocket does not answer",
           "restart LM Studio, or let WebSockets through the proxy in front of it");
    else
      lost("websocket-broken", "LM Studio's WebSocket breaks off", "look at LM Studio's log, and restart it");
  }

  // On this machine the WebSockets are also served on a separate port.
  bool own_port_answers() const {
    if (!locator_.local()) return false;
    const std::vector<Probe> probes = probe_all(on_this_machine(sdk_ports()), locator_.access(),
                                                locator_.host(), cancellation_, kProbeTimeout);
    return std::any_of(probes.begin(), probes.end(), [](const Probe& probe) { return probe.found(); });
  }

  const Locator& locator_;
  Cancellation& cancellation_;
  std::shared_ptr<kit::HttpClient> client_;
};

}  // namespace

Result<std::vector<Finding>> examine(const Locator& locator, const CallContext& context) {
  context.enter(Phase::waiting);
  std::vector<Finding> findings = StudioExamination(locator, context.cancellation).run();
  if (context.cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
  return findings;
}

}  // namespace tachikoma::lmstudio
