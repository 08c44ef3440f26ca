// SPDX-License-Identifier: MIT
#include "lmstudio/sdk_error.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/not_found.hpp"
#include "common/errors/server_error.hpp"
#include "lmstudio/sdk_frames.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr std::string_view kTokenHint =
    "create an API token in LM Studio (Developer tab, server settings), and set it as api_key in the "
    "provider's configuration";

std::string lm_studio_at(std::string_view server) { return "LM Studio at " + std::string(server); }

std::string cited(std::string_view words) {
  return words.empty() ? std::string() : ": \"" + base::excerpt(words, 400) + '"';
}

bool mentions(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The title, and the cause if it adds something.
std::string words_of(const Value& error) {
  const std::string_view title = error["title"].as_string("Unknown error");
  const std::string_view cause = error["cause"].as_string();
  if (cause.empty() || mentions(title, cause)) return std::string(title);
  return mentions(cause, title) ? std::string(cause) : std::string(title) + " " + std::string(cause);
}

Error no_model(const SdkCallName& call, std::string_view name, std::string_view where, const Value& sample,
               const std::string& words) {
  std::vector<std::string> known;
  for (const Value& each : sample.elements())
    if (each.is_string()) known.emplace_back(each.as_string());
  return base::not_found(ErrorCode::model_not_found,
                         lm_studio_at(call.server) + " has no model '" + std::string(name) + "'" +
                             std::string(where) + cited(words),
                         name, known, "list the models that the server has with: tachikoma models");
}

// The name in a query of loaded models.
std::string_view queried(const Value& query) {
  for (std::string_view key : {"identifier", "path"})
    if (const std::string_view name = query[key].as_string(); !name.empty()) return name;
  return {};
}

// From the machine-readable part of the error, if there is one.
std::optional<Error> error_from_display(const Value& display, const SdkCallName& call,
                                        const std::string& words) {
  const std::string_view code = display["code"].as_string();
  const auto named = [&](std::string_view name) {
    return name.empty() ? std::string_view(call.model) : name;
  };
  const auto plain = [&](ErrorCode as, std::string_view what, std::string hint) {
    return Error(as, lm_studio_at(call.server) + std::string(what) + cited(words), std::move(hint));
  };
  if (code == "generic.pathNotFound")
    return no_model(call, named(display["path"].as_string()), "", display["availablePathsSample"], words);
  if (code == "generic.identifierNotFound")
    return no_model(call, named(display["identifier"].as_string()), " in memory",
                    display["loadedModelsSample"], words);
  if (code == "generic.noModelMatchingQuery")
    return no_model(call, named(queried(display["query"])), " in memory", display["loadedModelsSample"],
                    words);
  if (code == "generic.specificModelUnloaded")
    return plain(ErrorCode::model_lost, " has unloaded the model '" + call.model + "'",
                 "load it again; LM Studio's log says why it was lost");
  if (code == "generic.domainMismatch")
    return plain(ErrorCode::invalid_argument,
                 " has '" + std::string(named(display["path"].as_string())) + "' as a model of the kind '" +
                     std::string(display["actualDomain"].as_string()) + "', not '" +
                     std::string(display["expectedDomain"].as_string()) + "'",
                 "choose a model of the kind '" + std::string(display["expectedDomain"].as_string()) + "'");
  if (code == "generic.engineDoesNotSupportFeature")
    return plain(ErrorCode::unsupported,
                 " can't do '" + std::string(display["feature"].as_string()) + "' with its engine '" +
                     std::string(display["engineName"].as_string()) + "'",
                 "update the engine in LM Studio (Runtime), or choose a model of another format");
  if (code == "generic.missingRuntimeExtension")
    return plain(ErrorCode::unsupported, " lacks an engine for '" + call.model + "'",
                 "install the engine in LM Studio (Runtime)");
  if (code == "generic.presetNotFound")
    return plain(
        ErrorCode::invalid_argument,
        " has no preset '" + std::string(display["specifiedFuzzyPresetIdentifier"].as_string()) + "'", "");
  return std::nullopt;
}

}  // namespace

std::string model_of(const Value& parameter) {
  for (std::string_view key : {"modelKey", "identifier"})
    if (const std::string_view name = parameter[key].as_string(); !name.empty()) return std::string(name);
  for (std::string_view key : {"specifier", "modelSpecifier"})
    if (const std::string_view name = queried(parameter[key]["query"]); !name.empty())
      return std::string(name);
  return {};
}

Error error_from_sdk(const Value& error, const SdkCallName& call) {
  const std::string words = error.is_string() ? std::string(error.as_string()) : words_of(error);
  const Value& display = error["displayData"];
  const kit::RequestFacts facts{.base_url = call.server, .model = call.model, .server = "LM Studio"};
  std::optional<Error> typed = error_from_display(display, call, words);
  Error result =
      typed ? *std::move(typed)
            : kit::error_from_fault({words, base::to_lower(display["code"].as_string())}, 200, "", facts);
  const std::string_view suggestion = error["suggestion"].as_string();
  if (result.hint.empty() && !suggestion.empty()) result.hint = base::excerpt(suggestion, 400);
  return result;
}

Error error_from_warning(std::string_view kind, std::string_view warning, const SdkCallName& call) {
  const std::string words = base::to_lower(kind.empty() || kind == "unknown" ? warning : kind);
  if (mentions(words, "parameter"))
    return Error(
        ErrorCode::invalid_argument,
        lm_studio_at(call.server) + " does not take what '" + call.endpoint + "' was given" + cited(warning),
        "this LM Studio may be older or newer than the supported versions: update both");
  return Error(ErrorCode::unsupported,
               lm_studio_at(call.server) + " does not know '" + call.endpoint + "'" + cited(warning),
               "update LM Studio");
}

Error error_from_auth(std::string_view refusal, std::string_view server, std::string_view api_key) {
  std::string hint(kTokenHint);
  if (is_api_token(api_key))
    hint = "check that the API token in api_key is still valid in LM Studio";
  else if (!api_key.empty())
    hint = "api_key is not an LM Studio API token, which looks like sk-lm-XXXXXXXX:YYYYYYYYYYYYYYYYYYYY";
  return Error(ErrorCode::unauthenticated, lm_studio_at(server) + " refuses this client" + cited(refusal),
               std::move(hint));
}

Error error_from_upgrade(const kit::Document& answer, std::string_view server, std::string_view path,
                         bool known_here) {
  const std::string what = "its WebSocket '" + std::string(path) + "'";
  const auto parsed = base::parse_json(answer.body);
  const auto fault = parsed && parsed->is_object() ? kit::find_fault(*parsed) : std::nullopt;
  const std::string status = "HTTP status " + std::to_string(answer.status);
  const std::string said = fault ? cited(fault->message) : std::string();
  const auto make = [&](ErrorCode code, const std::string& sentence, std::string_view hint) {
    Error error(code, lm_studio_at(server) + sentence + " (" + status + ")" + said, std::string(hint));
    error.http_status = answer.status;
    return error;
  };
  if (answer.status == 401 && !known_here)
    return make(ErrorCode::unauthenticated, " does not open " + what + " to this client", kTokenHint);
  switch (answer.status) {
    case 403:
      return make(ErrorCode::unsupported, " or a guard in front of it refuses to open " + what,
                  "allow WebSockets there, or use LM Studio's own address as base_url");
    case 200:
    case 400:
    case 401:
    case 404:
    case 405:
    case 426:
    case 501:
      return make(ErrorCode::unsupported, " does not offer " + what,
                  "update LM Studio; a proxy in front of it must forward WebSockets");
    default: break;
  }
  return kit::error_from_reply(answer.body, answer.status, answer.retry_after,
                               {.base_url = server, .server = "LM Studio"});
}

Error error_from_loss(const Error& cause, std::string_view server, std::string_view path) {
  if (cause.code == ErrorCode::protocol)
    return Error(ErrorCode::protocol,
                 lm_studio_at(server) + " breaks the protocol of its WebSocket '" + std::string(path) +
                     "': " + cause.message,
                 "check that base_url is LM Studio's, and that no proxy in between changes what it sends");
  Error error(
      cause.code,
      lm_studio_at(server) + " was lost on its WebSocket '" + std::string(path) + "': " + cause.message,
      cause.hint);
  if (error.hint.empty()) error.hint = "look at LM Studio's log: it may have crashed or been stopped";
  return error;
}

}  // namespace tachikoma::lmstudio
