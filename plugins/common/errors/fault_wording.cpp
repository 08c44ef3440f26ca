// SPDX-License-Identifier: MIT
#include "common/errors/fault_wording.hpp"

#include <string_view>

namespace tachikoma::kit {
namespace {

std::string model_name(const RequestFacts& facts) {
  return facts.model.empty() ? "the model" : "'" + std::string(facts.model) + "'";
}

std::string_view hint_for_matter(FaultMatter matter) {
  switch (matter) {
    case FaultMatter::images:
      return "choose a model with vision (a GGUF needs its mmproj file), or leave the images out";
    case FaultMatter::embeddings:
      return "choose a model for embeddings; llama.cpp's server must be started with --embeddings";
    case FaultMatter::endpoint: return "update the server, or check that base_url ends where its API starts";
    case FaultMatter::load:
      return "the server's log says why; a damaged file and too little memory are the usual reasons";
    case FaultMatter::nothing_loaded:
      return "load one with: tachikoma load MODEL, or let the server load models on demand";
    case FaultMatter::job: return "start the download again";
    case FaultMatter::prompt_form:
      return "check the messages' roles and their order: the model's prompt template does not accept them "
             "(some "
             "have no system role, some want user and assistant in turn)";
    case FaultMatter::tool: return "check that the server reaches the tool, or leave it out";
    case FaultMatter::other: break;
  }
  return {};
}

std::string_view hint_for_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::unauthenticated: return "set api_key in the provider's configuration to a valid key";
    case ErrorCode::forbidden: return "use an api_key that has this permission";
    case ErrorCode::model_not_found: return "list the models that the server has with: tachikoma models";
    case ErrorCode::insufficient_memory: return "choose a smaller model or context, or unload another model";
    case ErrorCode::context_too_long: return "shorten the prompt, or load the model with a larger context";
    case ErrorCode::overloaded: return "wait until the server is ready, then ask again";
    case ErrorCode::rate_limited: return "wait, then ask again";
    case ErrorCode::model_lost: return "ask again; the server's log says why the model was lost";
    case ErrorCode::unreachable: return "a proxy answered; check that the server behind it is running";
    default: return {};
  }
}

std::string lead_for_matter(FaultMatter matter, const RequestFacts& facts) {
  const std::string model = model_name(facts);
  switch (matter) {
    case FaultMatter::images:
    case FaultMatter::embeddings: return " can't do this with " + model;
    case FaultMatter::endpoint: return " does not offer this";
    case FaultMatter::load: return " could not load " + model;
    case FaultMatter::nothing_loaded: return " has no model loaded, and loads none for a request";
    case FaultMatter::job: return " does not know this download";
    case FaultMatter::prompt_form: return " can't build the prompt for " + model;
    case FaultMatter::tool: return " could not use a tool";
    case FaultMatter::other: break;
  }
  return {};
}

}  // namespace

std::string server_name(const RequestFacts& facts) {
  return std::string(facts.server.empty() ? "the server" : facts.server)
      .append(" at ")
      .append(facts.base_url);
}

std::string fault_lead(FaultClass what, int status, const RequestFacts& facts) {
  const std::string who = server_name(facts);
  if (what.matter != FaultMatter::other) return who + lead_for_matter(what.matter, facts);
  switch (what.code) {
    case ErrorCode::unauthenticated: return who + " requires a valid API key";
    case ErrorCode::forbidden: return who + " does not allow this with the given key";
    case ErrorCode::model_not_found:
      return who + (facts.model.empty() ? " does not have the model" : " has no model " + model_name(facts));
    case ErrorCode::insufficient_memory: return who + " has too little memory for " + model_name(facts);
    case ErrorCode::context_too_long: return "the prompt is too long for " + model_name(facts);
    case ErrorCode::overloaded: return who + " is not ready for more work";
    case ErrorCode::rate_limited: return who + " limits the rate of requests";
    case ErrorCode::model_lost: return who + " lost " + model_name(facts) + " during the answer";
    case ErrorCode::invalid_argument: return who + " refuses the request";
    default: break;
  }
  return who + (status >= 300 ? " failed with HTTP status " + std::to_string(status) : " reports a failure");
}

std::string fault_hint(FaultClass what, int status, const RequestFacts& facts) {
  if (what.matter != FaultMatter::other) return std::string(hint_for_matter(what.matter));
  if (what.code != ErrorCode::protocol) return std::string(hint_for_code(what.code));
  if (status == 404)
    return "check that base_url '" + std::string(facts.base_url) + "' is where the API starts";
  return status >= 500 ? "look at the server's log" : "";
}

}  // namespace tachikoma::kit
