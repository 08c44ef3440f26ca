// SPDX-License-Identifier: MIT
#include "echo_reply.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/try.hpp"
#include "base/utf8.hpp"

namespace tachikoma::echo {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

Error unsupported(const std::string& setting) {
  return Error(ErrorCode::unsupported, "provider 'echo' can't apply '" + setting + "': it samples nothing",
               "leave '" + setting + "' out, or choose a real model");
}

/// A setting is delivered or refused. An echo gives the same answer at every seed, so it delivers a
/// seed; what only steers sampling is refused, except at the value that means "off".
Status check_settings(GenerationSettings settings) {
  settings.max_tokens.reset();
  settings.seed.reset();
  settings.stop_sequences.clear();
  if (settings.temperature == 0) settings.temperature.reset();  // means no randomness, and an echo has none
  std::string refused;
  for_each_generation_setting([&](const char* name, auto member, const SettingRule& rule) {
    if (refused.empty() && !rule.is_for_host && has_effect(settings.*member, rule)) refused = name;
  });
  if (!refused.empty()) return unsupported(refused);
  if (!settings.extra.members().empty()) return unsupported(settings.extra.members().front().key);
  return Done{};
}

/// An echo answers with text only.
Status check_request(const ChatRequest& request) {
  TACHIKOMA_TRY_STATUS(check_settings(request.settings));
  if (!request.tools.empty())
    return Error(ErrorCode::unsupported, "provider 'echo' can't call tools",
                 "leave them out, or choose a real model");
  if (!request.response_schema.is_null()) return unsupported("response_schema");
  for (const Message& message : request.messages) {
    if (!message.extra.members().empty()) return unsupported(message.extra.members().front().key);
    if (!message.images.empty())
      return Error(ErrorCode::unsupported, "provider 'echo' can't see images",
                   "leave them out, or choose a model with vision");
  }
  return Done{};
}

/// `text` up to the first stop sequence.
std::string_view until_stop(std::string_view text, const std::vector<std::string>& stop_sequences) {
  std::size_t end = text.size();
  for (const std::string& stop : stop_sequences)
    if (!stop.empty()) end = std::min(end, text.find(stop));
  return text.substr(0, end);
}

/// Shortens `pieces` to the remaining `budget`; true if something was removed.
bool spend(std::vector<std::string>& pieces, std::optional<std::int64_t>& budget) {
  if (!budget) return false;
  const std::size_t max = static_cast<std::size_t>(std::max<std::int64_t>(*budget, 0));
  const bool cut = pieces.size() > max;
  if (cut) pieces.resize(max);
  *budget -= static_cast<std::int64_t>(pieces.size());
  return cut;
}

std::int64_t count(const std::vector<std::string>& pieces) {
  return static_cast<std::int64_t>(pieces.size());
}

}  // namespace

std::int64_t count_prompt(const ChatRequest& request) {
  std::int64_t tokens = 0;
  for (const Message& message : request.messages) tokens += count(words(message.text));
  return tokens;
}

std::vector<float> embed(std::string_view text) {
  std::vector<float> vector(kEmbeddingLength);
  for (std::size_t end = 0, start = 0; (start = text.find_first_not_of(kSpace, end)) != text.npos;) {
    end = std::min(text.find_first_of(kSpace, start), text.size());
    std::uint32_t hash = 2166136261;  // FNV-1a: the same on every machine
    for (char c : text.substr(start, end - start)) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619;
    vector[hash % kEmbeddingLength] += 1;
  }
  float square = 0;
  for (float each : vector) square += each * each;
  if (square == 0) vector[0] = square = 1;  // a vector for an empty text too
  for (float& each : vector) each /= std::sqrt(square);
  return vector;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t start = text.find_first_not_of(kSpace);
    std::size_t end = start == std::string_view::npos ? start : text.find_first_of(kSpace, start);
    if (end != std::string_view::npos && text.find_first_not_of(kSpace, end) == std::string_view::npos)
      end = std::string_view::npos;  // only spaces follow
    pieces.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size()));
  }
  return pieces;
}

Result<Reply> plan_reply(const ChatRequest& request, std::string_view reasoning) {
  TACHIKOMA_TRY_STATUS(check_request(request));
  const auto last = std::find_if(request.messages.rbegin(), request.messages.rend(),
                                 [](const Message& message) { return message.role == Role::user; });
  if (last == request.messages.rend())
    return Error(ErrorCode::invalid_argument, "the request has no user message to echo",
                 "add a user message");

  Reply reply;
  if (request.settings.reasoning_effort != ReasoningEffort::none) reply.reasoning = words(reasoning);
  const std::string text = base::repair_utf8(last->text);  // a sink takes whole characters only
  reply.answer = words(until_stop(text, request.settings.stop_sequences));
  std::optional<std::int64_t> budget = request.settings.max_tokens;
  const bool thought_cut = spend(reply.reasoning, budget);
  if (spend(reply.answer, budget) || thought_cut) reply.finish = Finish::length;

  reply.usage.prompt_tokens = count_prompt(request);
  reply.usage.completion_tokens = count(reply.reasoning) + count(reply.answer);
  if (!reply.reasoning.empty()) reply.usage.reasoning_tokens = count(reply.reasoning);
  return reply;
}

}  // namespace tachikoma::echo
