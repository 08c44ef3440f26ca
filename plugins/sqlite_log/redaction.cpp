// SPDX-License-Identifier: MIT
#include "redaction.hpp"

#include <utility>

#include <re2/re2.h>

#include "base/secrets.hpp"
#include "base/utf8.hpp"

namespace tachikoma::sqlite_log {

Redaction::Redaction() = default;
Redaction::~Redaction() = default;
Redaction::Redaction(Redaction&&) noexcept = default;

Result<Redaction> Redaction::compile(const Value& patterns) {
  Redaction redaction;
  re2::RE2::Options options;
  options.set_log_errors(false);
  for (const Value& each : patterns.elements()) {
    const std::string source(each.as_string());
    auto pattern = std::make_unique<re2::RE2>(source, options);
    const std::string fault = !pattern->ok()                         ? pattern->error()
                              : re2::RE2::PartialMatch("", *pattern) ? "it matches a text without characters"
                                                                     : "";
    if (!fault.empty())
      return Error(ErrorCode::config_invalid,
                   "monitor 'sqlite_log' can't redact the pattern '" + source + "': " + fault,
                   "write it as RE2 takes it: without look-around and back references");
    redaction.patterns_.push_back(std::move(pattern));
  }
  return redaction;
}

std::string Redaction::hide_in(std::string_view text) const {
  std::string shown = base::repair_utf8(text);
  for (const auto& pattern : patterns_)
    re2::RE2::GlobalReplace(&shown, *pattern, re2::StringPiece(base::kHidden.data(), base::kHidden.size()));
  return shown;
}

Value Redaction::hide(Value value) const {
  if (value.is_string()) return hide_in(value.as_string());
  if (value.is_array()) {
    Value::Array shown;
    for (const Value& each : value.elements()) shown.push_back(hide(each));
    return shown;
  }
  if (!value.is_object()) return value;
  Value::Object shown;
  for (const Member& member : value.members()) shown.push_back({hide_in(member.key), hide(member.value)});
  return shown;
}

}  // namespace tachikoma::sqlite_log
