// SPDX-License-Identifier: MIT
#include "base/generation_settings.hpp"

#include "base/durations.hpp"

namespace tachikoma::base {
namespace {

Value as_value(const std::optional<std::int64_t>& number) { return *number; }
Value as_value(const std::optional<double>& number) { return *number; }
Value as_value(const std::optional<ReasoningEffort>& effort) { return to_string(*effort); }
Value as_value(const std::optional<std::chrono::seconds>& time) { return duration_text(*time); }
Value as_value(const std::string& text) { return text; }
Value as_value(const std::vector<std::string>& texts) { return Value::Array(texts.begin(), texts.end()); }

Value as_value(const std::vector<LogitBias>& biases) {
  Value out = Value::object();
  for (const auto& [token, bias] : biases) out.set(std::to_string(token), bias);
  return out;
}

}  // namespace

Value to_value(const GenerationSettings& settings) {
  Value out = Value::object();
  for_each_generation_setting([&](const char* name, auto member, const SettingRule&) {
    if (is_present(settings.*member)) out.set(name, as_value(settings.*member));
  });
  if (!settings.extra.is_null()) out.set("extra", settings.extra);
  return out;
}

}  // namespace tachikoma::base
