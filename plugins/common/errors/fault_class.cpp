// SPDX-License-Identifier: MIT
#include "common/errors/fault_class.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ascii.hpp"
#include "common/errors/llamacpp_faults.hpp"
#include "common/errors/lmstudio_faults.hpp"
#include "common/errors/openai_faults.hpp"
#include "common/errors/other_faults.hpp"

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
    {FaultTopic::likely_prompt_form, {ErrorCode::invalid_argument, FaultMatter::prompt_form}},
    {FaultTopic::likely_context, {ErrorCode::context_too_long}},
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

bool has_any(std::string_view words, std::initializer_list<std::string_view> any) {
  return std::any_of(any.begin(), any.end(),
                     [&](std::string_view each) { return words.find(each) != words.npos; });
}

// Phrased differently from the known phrases: what servers have in common when they say it in their own
// words.

// "The model 'x' is not available" as a sentence; not "tools are not supported by this model".
bool says_model_is_absent(std::string_view words) {
  constexpr std::string_view kModel = "model ";
  for (std::size_t at = 0; (at = words.find(kModel, at)) != std::string_view::npos; at += kModel.size()) {
    std::string_view before = words.substr(0, at);
    for (const std::string_view lead : {"requested ", "the "})
      if (before.ends_with(lead)) before.remove_suffix(lead.size());
    if (!before.empty() && !before.ends_with(": ") && !before.ends_with('"')) continue;
    const std::string_view name = words.substr(at + kModel.size());
    const std::string_view behind = name.substr(std::min(name.find(' '), name.size()));
    if (behind.starts_with(" is not available") || behind.starts_with(" is not supported")) return true;
  }
  return false;
}

bool may_be_about_model(std::string_view words) {
  if (!has_any(words, {"model"})) return false;
  return has_any(words, {"not found", "does not exist", "is not loaded", "no such model", "find model",
                         "find the model", "valid model", "invalid model"}) ||
         says_model_is_absent(words);
}

// A limit of the context, and that the prompt is beyond it. Not Go's "context deadline exceeded", nor a limit
// on tokens in a time or on those of the answer.
bool may_be_about_context(std::string_view words) {
  if (has_any(words, {"deadline", "per minute", "per day", "per second", "quota"})) return false;
  const bool excess = has_any(
      words, {"exceed", "too long", "too large", "too big", "too many", "longer than", "larger than",
              "greater than", "more than", "overflow", "not fit", "length is only", "at most", " > "});
  const bool too_small = has_any(words, {"context"}) && has_any(words, {" only"});
  const bool context = has_any(words, {"context", "max_model_len", "max_seq_len", "max_input_len", "n_ctx",
                                       "sequence length", "kv cache", "kv size"});
  const bool prompt = has_any(words, {"prompt", "input"}) && has_any(words, {"token", "length", "long"});
  return (excess && (context || prompt)) || (too_small && prompt) ||
         has_any(words, {"maximum context", "must have less than"});
}

// A role that the template does not expect, or the template's own language in the message.
bool may_be_about_prompt_form(std::string_view words) {
  if (has_any(words, {"{%", "{{", "jinja", "raise_exception", "chat template", "chat_template"})) return true;
  return has_any(words, {"role"}) && has_any(words, {"message", "system", "assistant", "conversation"}) &&
         has_any(words,
                 {"alternat", "support", "expect", "must", "only", "unknown", "invalid", "not allowed"});
}

bool is_about(FaultTopic topic, const Said& said) {
  for (const auto phrases : {openai_faults(), llamacpp_faults(), lmstudio_faults(), other_faults()})
    if (std::any_of(phrases.begin(), phrases.end(),
                    [&](const FaultPhrase& phrase) { return phrase.topic == topic && said.has(phrase); }))
      return true;
  switch (topic) {
    case FaultTopic::likely_model: return may_be_about_model(said.words);
    case FaultTopic::likely_context: return may_be_about_context(said.words);
    case FaultTopic::likely_prompt_form: return may_be_about_prompt_form(said.words);
    default: return false;
  }
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
