// SPDX-License-Identifier: MIT
#include "wire_errors.hpp"

#include <cstdio>

namespace lmstudio_sim {

using tachikoma::Value;

namespace {

// Authentication failures have the native shape on every route.
WireError key_error(std::string message) {
  return {401, Value::object({{"error", Value::object({{"message", std::move(message)},
                                                       {"type", "invalid_request"},
                                                       {"code", "invalid_api_key"},
                                                       {"param", nullptr}})}})};
}

}  // namespace

WireError plain_error(int status, std::string_view message) {
  return {status, Value::object({{"error", message}})};
}

WireError model_error(std::string_view message) {
  return {400, Value::object({{"error", Value::object({{"message", message},
                                                       {"type", "invalid_request_error"},
                                                       {"param", "model"},
                                                       {"code", "model_not_found"}})}})};
}

WireError no_models_loaded(std::string_view version) {
  WireError error = model_error(
      "No models loaded. Please load a model in the developer page or use the 'lms load' command.");
  if (!version.starts_with("0.3.")) return error;
  error.status = 404;
  Value inner = error.body["error"];
  inner.set("code", nullptr);
  error.body.set("error", std::move(inner));
  return error;
}

WireError no_vision() {
  return plain_error(400, "Model does not support images. Please use a model that does.");
}

WireError draft_model_error(std::string_view name) {
  return model_error("Draft model \"" + std::string(name) + "\" not found in downloaded models");
}

WireError load_error(std::string_view key, std::string_view reason) {
  const std::string message =
      "Failed to load model \"" + std::string(key) + "\". Error: " + std::string(reason);
  return {400, Value::object({{"error", Value::object({{"message", message},
                                                       {"type", "invalid_request_error"},
                                                       {"param", "model"},
                                                       {"code", nullptr}})}})};
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
      Value::object(
          {{"error",
            Value::object({{"message", message}, {"type", type}, {"param", nullptr}, {"code", nullptr}})}})};
}

WireError native_error(int status, std::string_view type, std::string_view code, std::string_view param,
                       std::string_view message) {
  Value error = Value::object({{"type", type}, {"message", message}});
  if (!code.empty()) error.set("code", code);
  if (!param.empty()) error.set("param", param);
  return {status, Value::object({{"error", std::move(error)}})};
}

WireError native_form(const WireError& error, int status) {
  const Value& body = error.body["error"];
  const std::string_view text = body.is_string() ? body.as_string() : body["message"].as_string();
  return native_error(status, "invalid_request", body["code"].as_string(), body["param"].as_string(), text);
}

WireError key_missing() {
  return key_error(
      "An LM Studio API token is required to make requests to this server. Provide it in the Authorization "
      "header as 'Bearer <token>'.");
}

WireError key_malformed(std::string_view key) {
  return key_error("Malformed LM Studio API token provided: " + std::string(key.substr(0, 10)) + "***");
}

WireError key_rejected() { return key_error("Invalid LM Studio API token provided."); }

std::string guardrail_text(std::int64_t required_bytes) {
  char gigabytes[32];
  std::snprintf(gigabytes, sizeof gigabytes, "%.2f", static_cast<double>(required_bytes) / 1e9);
  return "Model loading was stopped due to insufficient system resources. Under the current settings, this "
         "model "
         "requires approximately " +
         std::string(gigabytes) +
         " GB of memory, and continuing to load it would likely overload your system and cause it to freeze. "
         "If "
         "you think this is incorrect, you can adjust the model loading guardrails in settings.";
}

}  // namespace lmstudio_sim
