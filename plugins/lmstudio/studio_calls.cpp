// SPDX-License-Identifier: MIT
#include "lmstudio/studio_calls.hpp"

#include <memory>

#include "base/try.hpp"

namespace tachikoma::lmstudio {

Result<Value> sdk_call(Studio& studio, Namespace name, std::string_view endpoint, const Value& parameter,
                       const CallContext& context) {
  TACHIKOMA_TRY(const std::shared_ptr<SdkClient> sdk, studio.sdk(context));
  return sdk->call(name, endpoint, parameter, kit::CallScope::of(context));
}

bool is_without_sdk(const Error& error) {
  return error.code == ErrorCode::unreachable || error.code == ErrorCode::unsupported ||
         error.code == ErrorCode::timeout;
}

std::string why_without_sdk(const Error& error) {
  return "its WebSocket can't be used (" + error.message + ")";
}

Namespace namespace_of(ModelKind kind) {
  return kind == ModelKind::embedding ? Namespace::embedding : Namespace::llm;
}

std::string_view device_of(const Value& model) { return model["deviceIdentifier"].as_string(); }

Value specifier_of(const Value& instance) {
  const std::string_view reference = instance["instanceReference"].as_string();
  if (reference.empty()) return specifier_of(instance["identifier"].as_string());
  return Value::object({{"type", "instanceReference"}, {"instanceReference", reference}});
}

Value specifier_of(std::string_view identifier) {
  return Value::object({{"type", "query"}, {"query", Value::object({{"identifier", identifier}})}});
}

}  // namespace tachikoma::lmstudio
