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

/// How much more likely a token becomes.
struct LogitBias {
  std::int64_t token = 0;  ///< its number in the model's vocabulary
  double bias = 0;         ///< -100, which bans it, to 100
};

/// How to generate. An absent setting is left to the server. A provider delivers each setting that is
/// present, or refuses the request with `unsupported`, naming the setting; it never drops one silently. The
/// ranges and the values that mean "off" are in `for_each_generation_setting`.
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
  /// If this request makes the server load a model: how long the model stays in memory when unused.
  std::optional<std::chrono::seconds> ttl = {};
  /// How many deltas are joined into one, with a delay of at most 50 ms; applied by the host.
  std::optional<std::int64_t> streaming_buffer_size = {};
  Value extra = {};  ///< an object of additional wire fields, sent unchanged, or null
};

/// The rule for a setting's values. The limits apply to a number, or to each number in a list.
struct SettingRule {
  static constexpr double kNoLimit = std::numeric_limits<double>::infinity();

  std::string_view about = {};  ///< what the setting does, as a line of help
  double min = -kNoLimit;
  double max = kNoLimit;
  bool exclusive_min = false;      ///< `min` itself is not allowed
  std::optional<double> off = {};  ///< the value that has no effect; for an enum, its number
  bool is_for_host = false;        ///< applied by the host, and never sent to a server

  constexpr bool allows(double value) const {  // NaN and infinity never
    return value > -kNoLimit && value < kNoLimit && (exclusive_min ? value > min : value >= min) &&
           value <= max;
  }
};

/// Calls `visit(name, member, rule)` for every generation setting except `extra`; `name` is its key in the
/// configuration. This is the only list of all settings: a new setting needs a member above, a row here, and
/// a field in the kit's chat_request_writer.cpp.
template <class Visit>
constexpr void for_each_generation_setting(const Visit& visit) {
  using S = GenerationSettings;
  using Rule = SettingRule;
  visit("max_tokens", &S::max_tokens, Rule{.about = "Stop after this many tokens", .min = 1});
  visit("temperature", &S::temperature,
        Rule{.about = "Randomness: 0 (always the likeliest token) to 2", .min = 0, .max = 2, .off = 1});
  visit("top_p", &S::top_p,
        Rule{.about = "Sample from the likeliest tokens up to this total probability",
             .min = 0,
             .max = 1,
             .off = 1});
  visit("top_k", &S::top_k,
        Rule{.about = "Sample from the N likeliest tokens; 0 is all", .min = 0, .off = 0});
  visit("min_p", &S::min_p,
        Rule{.about = "Drop tokens below this fraction of the likeliest; 0 is off",
             .min = 0,
             .max = 1,
             .off = 0});
  visit("repeat_penalty", &S::repeat_penalty,
        Rule{.about = "Penalty for repeated tokens, above 1; 1 is off",
             .min = 0,
             .exclusive_min = true,
             .off = 1});
  visit("presence_penalty", &S::presence_penalty,
        Rule{.about = "Penalty for tokens that have occurred, -2 to 2; 0 is off",
             .min = -2,
             .max = 2,
             .off = 0});
  visit(
      "frequency_penalty", &S::frequency_penalty,
      Rule{
          .about = "Penalty for tokens by how often they occurred; 0 is off", .min = -2, .max = 2, .off = 0});
  visit("mirostat", &S::mirostat,
        Rule{.about = "0 off, 1 Mirostat, 2 Mirostat 2.0", .min = 0, .max = 2, .off = 0});
  visit("seed", &S::seed, Rule{.about = "Make sampling repeatable"});
  visit("stop_sequences", &S::stop_sequences, Rule{.about = "Texts that end the answer"});
  visit("logit_bias", &S::logit_bias,
        Rule{.about = "Bias by token number: -100 bans it, 100 forces it", .min = -100, .max = 100});
  visit("reasoning_effort", &S::reasoning_effort,
        Rule{.about = "How much to reason: none, low, medium or high", .off = 0});
  visit("draft_model", &S::draft_model,
        Rule{.about = "Speculative decoding: the small model that drafts tokens"});
  visit("ttl", &S::ttl,
        Rule{.about = "How long a model that a request loads stays in memory when unused",
             .min = 0,
             .exclusive_min = true});
  visit("streaming_buffer_size", &S::streaming_buffer_size,
        Rule{.about = "How many deltas are joined into one", .min = 1, .max = 1024, .is_for_host = true});
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
