// SPDX-License-Identifier: MIT
#include "common/errors/fault_class.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ascii.hpp"
#include "common/errors/llamacpp_faults.hpp"
#include "common/errors/lmstudio_faults.hpp"
#include "common/errors/openai_faults.hpp"

namespace tachikoma::kit {
namespace {

struct TopicClass {
  FaultTopic topic;
  FaultClass what;
};

// Topics that take precedence over an overloaded server; the first match wins.
constexpr TopicClass kCertain[] = {
    {FaultTopic::key, {ErrorCode::unauthenticated}},
    {FaultTopic::permission, {ErrorCode::forbidden}},
    {FaultTopic::rate, {ErrorCode::rate_limited}},
    {FaultTopic::images, {ErrorCode::unsupported, FaultMatter::images}},
    {FaultTopic::embeddings, {ErrorCode::unsupported, FaultMatter::embeddings}},
    {FaultTopic::memory, {ErrorCode::insufficient_memory}},
    {FaultTopic::context, {ErrorCode::context_too_long}},
    {FaultTopic::loss, {ErrorCode::model_lost}},
};

// Topics that an overloaded server may mention as well.
constexpr TopicClass kLikely[] = {
    {FaultTopic::prompt_form, {ErrorCode::invalid_argument, FaultMatter::prompt_form}},
    {FaultTopic::job, {ErrorCode::invalid_argument, FaultMatter::job}},
    {FaultTopic::tool, {ErrorCode::tool_failed, FaultMatter::tool}},
    {FaultTopic::nothing_loaded, {ErrorCode::model_not_found, FaultMatter::nothing_loaded}},
    {FaultTopic::model, {ErrorCode::model_not_found}},
    {FaultTopic::load, {ErrorCode::protocol, FaultMatter::load}},
    {FaultTopic::likely_model, {ErrorCode::model_not_found}},
    {FaultTopic::endpoint, {ErrorCode::unsupported, FaultMatter::endpoint}},
};

/// A server's words, in lower case.
struct Said {
  std::string_view words;
  std::string_view code;

  bool has(const FaultPhrase& phrase) const {
    const auto stands_in = [&](std::string_view text) { return text.find(phrase.text) != text.npos; };
    return (phrase.place != FaultPhrase::Place::code && stands_in(words)) ||
           (phrase.place != FaultPhrase::Place::text && stands_in(code));
  }
};

// Phrased differently from the known phrases.
bool may_be_about_model(std::string_view words) {
  const auto has = [&](std::string_view word) { return words.find(word) != words.npos; };
  return has("model") && (has("not found") || has("does not exist") || has("is not loaded"));
}

bool is_about(FaultTopic topic, const Said& said) {
  for (const auto phrases : {openai_faults(), llamacpp_faults(), lmstudio_faults()})
    if (std::any_of(phrases.begin(), phrases.end(),
                    [&](const FaultPhrase& phrase) { return phrase.topic == topic && said.has(phrase); }))
      return true;
  return topic == FaultTopic::likely_model && may_be_about_model(said.words);
}

std::optional<FaultClass> first_that_fits(std::span<const TopicClass> classes, const Said& said) {
  for (const TopicClass& each : classes)
    if (is_about(each.topic, said)) return each.what;
  return std::nullopt;
}

FaultClass class_of_status(int status) {
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422: return {ErrorCode::invalid_argument};
    case 501: return {ErrorCode::unsupported, FaultMatter::endpoint};
    case 502:
    case 504: return {ErrorCode::unreachable};
    default: return {ErrorCode::protocol};
  }
}

}  // namespace

FaultClass classify(int status, const ServerFault& fault) {
  const std::string words = base::to_lower(fault.message);
  const Said said{words, fault.code};
  if (status == 401) return {ErrorCode::unauthenticated};
  if (status == 403) return {ErrorCode::forbidden};
  if (status == 429) return {ErrorCode::rate_limited};
  if (const auto known = first_that_fits(kCertain, said)) return *known;
  if (status == 503 || status == 529 || is_about(FaultTopic::busy, said)) return {ErrorCode::overloaded};
  if (const auto known = first_that_fits(kLikely, said)) return *known;
  if (status < 300 && is_about(FaultTopic::request, said)) return {ErrorCode::invalid_argument};
  return class_of_status(status);
}

}  // namespace tachikoma::kit
