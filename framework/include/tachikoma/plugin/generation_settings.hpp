// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

enum class ReasoningEffort : std::uint8_t { none, low, medium, high };

/// "none", "low", "medium" or "high".
constexpr std::string_view to_string(ReasoningEffort effort) noexcept {
  switch (effort) {
    case ReasoningEffort::none: return "none";
    case ReasoningEffort::low: return "low";
    case ReasoningEffort::medium: return "medium";
    case ReasoningEffort::high: return "high";
  }
  return "medium";
}

/// How much likelier a token becomes.
struct LogitBias {
  std::int64_t token = 0;  ///< its number in the model's vocabulary
  double bias = 0;         ///< -100, which bans it, to 100
};

/// How to generate. An absent setting is left to the server. A provider delivers each present one or
/// refuses the request with `unsupported`, naming it; it never drops one silently. The ranges, and what is
/// off, are in `for_each_generation_setting`.
struct GenerationSettings {
  std::optional<std::int64_t> max_tokens = {};
  std::optional<double> temperature = {};
  std::optional<double> top_p = {};
  std::optional<std::int64_t> top_k = {};
  std::optional<double> min_p = {};
  std::optional<double> repeat_penalty = {};
  std::optional<double> presence_penalty = {};
  std::optional<double> frequency_penalty = {};
  std::optional<std::int64_t> mirostat = {};
  std::optional<std::int64_t> seed = {};
  std::vector<std::string> stop_sequences = {};
  std::vector<LogitBias> logit_bias = {};
  std::optional<ReasoningEffort> reasoning_effort = {};
  std::string draft_model = {};  ///< speculative decoding: the small model that guesses ahead
  /// How long a model that this request makes the server load stays in memory after its last use.
  std::optional<std::chrono::seconds> ttl = {};
  /// How many deltas are delivered as one, never later than 50 ms; applied by the host.
  std::optional<std::int64_t> streaming_buffer_size = {};
  Value extra = {};  ///< an object of further wire fields, sent as they are, or null
};

/// What holds of a setting's values. Limits are of numbers, and of the numbers in a list.
struct SettingRule {
  static constexpr double kNoLimit = std::numeric_limits<double>::infinity();

  std::string_view about;  ///< what it does, in a line for people
  double min = -kNoLimit;
  double max = kNoLimit;
  bool exclusive_min = false;      ///< `min` itself is too little
  std::optional<double> off = {};  ///< where it has no effect; an enum's by its number
  bool is_for_host = false;        ///< applied by the host: no server is sent it

  constexpr bool allows(double value) const {  // NaN and infinity never
    return value > -kNoLimit && value < kNoLimit && (exclusive_min ? value > min : value >= min) &&
           value <= max;
  }
};

/// Calls `visit(name, member, rule)` with every generation setting but `extra`, under its name in the
/// configuration: the one place that knows them all. A new one is a member above, a row here, and a field in
/// the kit's chat_request_writer.cpp.
template <class Visit>
constexpr void for_each_generation_setting(const Visit& visit) {
  using S = GenerationSettings;
  using Rule = SettingRule;
  visit("max_tokens", &S::max_tokens, Rule{.about = "Stop after so many tokens", .min = 1});
  visit("temperature", &S::temperature,
        Rule{.about = "0 (always the likeliest) to 2", .min = 0, .max = 2, .off = 1});
  visit("top_p", &S::top_p,
        Rule{.about = "Only from the likeliest tokens, by probability", .min = 0, .max = 1, .off = 1});
  visit("top_k", &S::top_k, Rule{.about = "Only from the N likeliest tokens; 0 is all", .min = 0, .off = 0});
  visit("min_p", &S::min_p,
        Rule{.about = "None below this share of the likeliest; 0 is off", .min = 0, .max = 1, .off = 0});
  visit(
      "repeat_penalty", &S::repeat_penalty,
      Rule{.about = "Above 1 against repeating tokens; 1 is off", .min = 0, .exclusive_min = true, .off = 1});
  visit("presence_penalty", &S::presence_penalty,
        Rule{.about = "Against tokens that were there, -2 to 2; 0 is off", .min = -2, .max = 2, .off = 0});
  visit("frequency_penalty", &S::frequency_penalty,
        Rule{.about = "Against tokens by how often they came; 0 is off", .min = -2, .max = 2, .off = 0});
  visit("mirostat", &S::mirostat,
        Rule{.about = "0 off, 1 Mirostat, 2 Mirostat 2.0", .min = 0, .max = 2, .off = 0});
  visit("seed", &S::seed, Rule{.about = "Makes sampling repeatable"});
  visit("stop_sequences", &S::stop_sequences, Rule{.about = "Texts that end the answer"});
  visit("logit_bias", &S::logit_bias,
        Rule{.about = "Token number to bias: -100 bans it, 100 forces it", .min = -100, .max = 100});
  visit("reasoning_effort", &S::reasoning_effort,
        Rule{.about = "How much to reason: none, low, medium or high", .off = 0});
  visit("draft_model", &S::draft_model,
        Rule{.about = "Speculative decoding: the small model that guesses ahead"});
  visit("ttl", &S::ttl,
        Rule{.about = "How long a model that a request makes the server load stays after its last use",
             .min = 0,
             .exclusive_min = true});
  visit("streaming_buffer_size", &S::streaming_buffer_size,
        Rule{.about = "How many deltas are delivered as one", .min = 1, .max = 1024, .is_for_host = true});
}

/// Whether a setting is present: an empty list or text is not.
template <class T>
constexpr bool is_present(const std::optional<T>& setting) {
  return setting.has_value();
}
template <class Sequence>
constexpr bool is_present(const Sequence& setting) {
  return !setting.empty();
}

/// Whether a setting is present and does something, for a provider that refuses what it can't deliver.
template <class T>
constexpr bool has_effect(const std::optional<T>& setting, const SettingRule& rule) {
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>)
    return setting && (!rule.off || static_cast<double>(*setting) != *rule.off);
  else
    return setting.has_value();
}
template <class Sequence>
constexpr bool has_effect(const Sequence& setting, const SettingRule&) {
  return !setting.empty();
}

}  // namespace tachikoma
