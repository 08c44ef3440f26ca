// SPDX-License-Identifier: MIT
#include "llamacpp/server_diagnosis.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "common/chat/model_list.hpp"
#include "common/errors/connection_finding.hpp"
#include "common/errors/findings.hpp"
#include "common/errors/server_error.hpp"
#include "common/net/server_url.hpp"

namespace tachikoma::llamacpp {
namespace {

/// The time limit of each query: longer than any healthy server needs.
constexpr std::chrono::seconds kAnswerTimeout{2};
constexpr int kNotImplemented = 501;
constexpr char kServer[] = "llama.cpp's server";

/// Examines the connection, the server and the models, and stops where a fault hides the rest.
class ServerExamination : private kit::Findings {
 public:
  ServerExamination(kit::HttpClient& client, const kit::ServerAccess& access, Cancellation& cancellation)
      : client_(client), access_(access), cancellation_(cancellation), where_(client.url_text()) {}

  std::vector<Finding> run() {
    const Result<kit::Document> props = ask("/props");
    if (!props)
      report_unreached(props.error());
    else if (is_admitted(*props) && is_llamacpp(*props))
      examine_models();
    return std::move(findings_);
  }

 private:
  Result<kit::Document> ask(const std::string& path) {
    return kit::fetch(client_, {.path = path},
                      {cancellation_, kit::CallScope::Clock::now() + kAnswerTimeout});
  }

  void report_unreached(const Error& failure) {
    findings_.push_back(kit::connection_finding(
        failure, client_.url(),
        {.start = "start it with: llama-server --port " + std::to_string(client_.url().port) +
                  " -m MODEL.gguf, or leave base_url out to have it started",
         .restart = "restart " + std::string(kServer) + ": it hangs, or it is another kind of server",
         .log = "the log of " + std::string(kServer)}));
  }

  Error refusal(const kit::Document& reply) const {
    return kit::error_from_reply(reply.body, reply.status, reply.retry_after,
                                 {.base_url = where_, .server = kServer});
  }

  bool is_admitted(const kit::Document& reply) {
    if (reply.status != 401 && reply.status != 403) return true;
    const Error refused = refusal(reply);
    if (access_.api_key.empty())
      report("key-missing", refused.code, where_ + " requires an API key, and none is configured",
             refused.message, "set api_key to the key that the server was started with (--api-key)");
    else
      report("key-refused", refused.code, where_ + " does not accept the API key", refused.message,
             "set api_key to the key that the server was started with (--api-key)");
    return false;
  }

  // The content identifies it: other servers have no /props with settings.
  bool is_llamacpp(const kit::Document& reply) {
    const Result<Value> json = base::parse_json(reply.body);
    if (json && reply.ok() && (*json)["default_generation_settings"].is_object()) {
      props_ = *json;
      return true;
    }
    if (reply.status == 503 && json && kit::find_fault(*json)) {
      const Error busy = refusal(reply);
      report("server-loading", busy.code, where_ + " is still loading its model, or accepts no more requests",
             busy.message, "wait until it is ready");
      return false;
    }
    report("not-llamacpp", ErrorCode::protocol,
           where_ + " is " + (reply.server.empty() ? "another program" : reply.server) +
               ", not llama.cpp's server",
           where_ + "/props answers with status " + std::to_string(reply.status) + " and '" +
               base::excerpt(reply.body, 60) + "'",
           "correct base_url, or use the plugin 'openai' for this server");
    return false;
  }

  bool is_router() const { return props_["role"].as_string() == "router"; }

  void examine_models() {
    const Result<kit::Document> reply = ask("/v1/models");
    const Result<Value> json = reply ? base::parse_json(reply->body) : reply.error();
    Result<std::vector<ModelInfo>> models =
        json ? kit::read_openai_models(*json, where_ + "/v1/models") : json.error();
    if (!models)
      return report("no-list", models.error().code, where_ + " does not list its models",
                    models.error().message, "look at its log");
    if (models->empty())
      return report_models("no-models", ErrorCode::model_not_found, where_ + " has no models",
                           where_ + "/v1/models is an empty list",
                           "start it with a folder that has models: llama-server --models-dir DIR");
    const auto loaded = std::find_if(models->begin(), models->end(), [](const ModelInfo& model) {
      return model.state == ModelState::loaded;
    });
    if (is_router()) examine_router(*models, loaded != models->end());
    if (loaded != models->end() || !is_router())
      examine_reports(is_router() ? "?model=" + kit::percent_encoded(loaded->key) : "");
  }

  void examine_router(const std::vector<ModelInfo>& models, bool any_loaded) {
    for (const ModelInfo& model : models)
      if (model.state == ModelState::failed)
        report("model-failed", ErrorCode::protocol, "the router could not load '" + model.key + "'",
               where_ + "/v1/models says that it failed", "look at the router's log", Severity::warning);
    if (any_loaded || props_["models_autoload"].as_bool(true)) return;
    report_models("no-model-loaded", ErrorCode::model_not_found,
                  "no model is in memory, and requests load none: the router runs with --no-models-autoload",
                  where_ + "/props says models_autoload: false",
                  "load one with: tachikoma load MODEL, or start the router without that option");
  }

  // The status of a busy server comes from these.
  void examine_reports(const std::string& query) {
    const auto examine = [&](const std::string& name, const char* lost) {
      const Result<kit::Document> reply = ask("/" + name + query);
      if (!reply || reply->status != kNotImplemented) return;
      report("no-" + name, ErrorCode::unsupported, "the server does not report " + std::string(lost),
             where_ + "/" + name + " answers with status " + std::to_string(reply->status),
             "start llama-server with --" + name, Severity::info);
    };
    examine("slots", "which of its slots are in use");
    examine("metrics", "how many requests wait, and its speed so far");
  }

  kit::HttpClient& client_;
  const kit::ServerAccess& access_;
  Cancellation& cancellation_;
  const std::string where_;
  Value props_;
};

}  // namespace

Result<std::vector<Finding>> examine_server(kit::HttpClient& client, const kit::ServerAccess& access,
                                            Cancellation& cancellation) {
  std::vector<Finding> findings = ServerExamination(client, access, cancellation).run();
  if (cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
  return findings;
}

}  // namespace tachikoma::llamacpp
