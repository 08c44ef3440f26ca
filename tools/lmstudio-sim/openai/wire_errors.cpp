// SPDX-License-Identifier: MIT
#include "openai/wire_errors.hpp"

namespace lmstudio_sim {

WireError plain_error(int status, std::string_view message) {
  return {status, JsonValue::object({{"error", message}})};
}

namespace {

WireError about_model(std::string_view message, JsonValue code) {
  return {400, JsonValue::object({{"error", JsonValue::object({{"message", message},
                                                               {"type", "invalid_request_error"},
                                                               {"param", "model"},
                                                               {"code", std::move(code)}})}})};
}

}  // namespace

WireError model_error(std::string_view message) { return about_model(message, "model_not_found"); }

WireError not_served(const NotServed& problem, std::string_view version) {
  switch (problem.reason) {
    case NotServed::Reason::load_failed: return about_model(problem.message, nullptr);
    case NotServed::Reason::none_loaded: {
      if (!version.starts_with("0.3.")) break;
      WireError error = about_model(problem.message, nullptr);
      error.status = 404;
      return error;
    }
    case NotServed::Reason::unknown_model: break;
  }
  return model_error(problem.message);
}

WireError draft_model_error(std::string_view name) {
  return model_error("Draft model \"" + std::string(name) + "\" not found in downloaded models");
}

WireError status_error(int status) {
  const char* message = status == 429   ? "Too many requests. Please try again later."
                        : status == 503 ? "The server is overloaded. Please try again later."
                        : status >= 500 ? "Internal server error."
                                        : "The request was refused.";
  const char* type = status == 429   ? "rate_limit_error"
                     : status >= 500 ? "server_error"
                                     : "invalid_request_error";
  return {
      status,
      JsonValue::object(
          {{"error", JsonValue::object(
                         {{"message", message}, {"type", type}, {"param", nullptr}, {"code", nullptr}})}})};
}

WireError native_error(int status, std::string_view type, std::string_view code, std::string_view param,
                       std::string_view message) {
  JsonValue error = JsonValue::object({{"type", type}, {"message", message}});
  if (!code.empty()) error.set("code", code);
  if (!param.empty()) error.set("param", param);
  return {status, JsonValue::object({{"error", std::move(error)}})};
}

WireError native_form(const WireError& error, int status) {
  const JsonValue& body = error.body["error"];
  const std::string_view text = body.is_string() ? body.as_string() : body["message"].as_string();
  return native_error(status, "invalid_request", body["code"].as_string(), body["param"].as_string(), text);
}

WireError token_error(std::string_view message) {
  return {401, JsonValue::object({{"error", JsonValue::object({{"message", message},
                                                               {"type", "invalid_request"},
                                                               {"code", "invalid_api_key"},
                                                               {"param", nullptr}})}})};
}

}  // namespace lmstudio_sim
