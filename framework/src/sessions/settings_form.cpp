// SPDX-License-Identifier: MIT
#include "sessions/settings_form.hpp"

#include <optional>
#include <string>
#include <vector>

#include "config/scalars.hpp"

namespace tachikoma::sessions {
namespace {

void read_setting(FormReader& reader, const Value& from, std::optional<std::int64_t>& into) {
  if (reader.require(from.is_integer(), from, "a whole number")) into = from.as_integer();
}

void read_setting(FormReader& reader, const Value& from, std::optional<double>& into) {
  if (reader.require(from.is_number(), from, "a number")) into = from.as_real();
}

void read_setting(FormReader& reader, const Value& from, std::string& into) {
  if (reader.require(from.is_string(), from, "a string")) into = from.as_string();
}

void read_setting(FormReader& reader, const Value& from, std::optional<ReasoningEffort>& into) {
  for (const auto effort :
       {ReasoningEffort::none, ReasoningEffort::low, ReasoningEffort::medium, ReasoningEffort::high})
    if (from.is_string() && from.as_string() == to_string(effort)) into = effort;
  reader.require(into.has_value(), from, "none, low, medium or high");
}

void read_setting(FormReader& reader, const Value& from, std::optional<std::chrono::seconds>& into) {
  const config::Quantity time = config::parse_duration(from.as_string());
  if (reader.require(from.is_string() && time.value, from, "a duration such as '300s'"))
    into = std::chrono::ceil<std::chrono::seconds>(std::chrono::milliseconds(*time.value));
}

void read_setting(FormReader& reader, const Value& from, std::vector<std::string>& into) {
  reader.list(from, [&](const Value& each) { read_setting(reader, each, into.emplace_back()); });
}

void read_setting(FormReader& reader, const Value& from, std::vector<LogitBias>& into) {
  reader.object(from, [&](std::string_view name, const Value& bias) {
    const config::NumberText token = config::parse_number(name);
    if (reader.require(token.kind == config::NumberText::Kind::integer, Value(name), "a token's number") &&
        reader.require(bias.is_number(), bias, "a number"))
      into.push_back({token.integer, bias.as_real()});
    return true;
  });
}

}  // namespace

GenerationSettings read_settings(FormReader& reader, const Value& from) {
  GenerationSettings settings;
  reader.object(from, [&](std::string_view name, const Value& value) {
    bool known = name == "extra";
    if (known && reader.require(value.is_object(), value, "an object")) settings.extra = value;
    for_each_generation_setting([&](std::string_view setting, auto member, const SettingRule&) {
      if (setting != name) return;
      known = true;
      read_setting(reader, value, settings.*member);
    });
    return known;
  });
  return settings;
}

}  // namespace tachikoma::sessions
