// SPDX-License-Identifier: MIT
#include "common/chat/finish_words.hpp"

#include "base/ascii.hpp"
#include "base/excerpt.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::string_view kFiltered = "a filter of the server ended the answer: it is not whole";
constexpr std::string_view kBroken = "the server gave up: the answer is not whole";
constexpr std::string_view kUnknown = "that is no known reason: the answer may not be whole";

struct FinishRow {
  std::string_view word;
  FinishWord meaning;
};

constexpr FinishRow kFinishWords[] = {
    // OpenAI's chat API, and nearly every server
    {"stop", {Finish::stop}},
    {"length", {Finish::length}},
    {"tool_calls", {Finish::tool_calls}},
    {"function_call", {Finish::tool_calls}},
    {"content_filter", {Finish::content_filter, kFiltered}},
    // llama.cpp's /completion
    {"eos", {Finish::stop}},
    {"word", {Finish::stop}},
    {"limit", {Finish::length}},
    // Hugging Face's TGI
    {"eos_token", {Finish::stop}},
    {"stop_sequence", {Finish::stop}},
    // Anthropic, as gateways pass it on
    {"end_turn", {Finish::stop}},
    {"max_tokens", {Finish::length}},
    {"tool_use", {Finish::tool_calls}},
    {"refusal", {Finish::content_filter, kFiltered}},
    // Mistral
    {"model_length", {Finish::length}},
    // Cohere
    {"complete", {Finish::stop}},
    {"tool_call", {Finish::tool_calls}},
    // Gemini
    {"safety", {Finish::content_filter, kFiltered}},
    {"recitation", {Finish::content_filter, kFiltered}},
    {"blocklist", {Finish::content_filter, kFiltered}},
    {"prohibited_content", {Finish::content_filter, kFiltered}},
    // Zhipu
    {"sensitive", {Finish::content_filter, kFiltered}},
    {"network_error", {Finish::unknown, kBroken}},
    // DeepSeek
    {"insufficient_system_resource", {Finish::unknown, kBroken}},
    // SGLang and vLLM, for a request that was aborted
    {"abort", {Finish::unknown, kBroken}},
    // OpenRouter
    {"error", {Finish::unknown, kBroken}},
    // LM Studio's SDK
    {"eosFound", {Finish::stop}},
    {"stopStringFound", {Finish::stop}},
    {"toolCalls", {Finish::tool_calls}},
    {"maxPredictedTokensReached", {Finish::length}},
    {"contextLengthReached", {Finish::length}},
    {"userStopped", {Finish::unknown, kBroken}},
    {"modelUnloaded", {Finish::unknown, kBroken}},
    {"failed", {Finish::unknown, kBroken}},
    // other wordings of the same
    {"aborted", {Finish::unknown, kBroken}},
    {"cancelled", {Finish::unknown, kBroken}},
    {"canceled", {Finish::unknown, kBroken}},
    {"timeout", {Finish::unknown, kBroken}},
};

}  // namespace

FinishWord read_finish_word(std::string_view word) {
  for (const FinishRow& row : kFinishWords)
    if (base::same_ignoring_case(row.word, word)) return row.meaning;
  return {Finish::unknown, kUnknown};
}

// DashScope sends the text "null" with every chunk but the last.
bool is_no_finish(std::string_view word) {
  return word.empty() || base::same_ignoring_case(word, "null") || base::same_ignoring_case(word, "none");
}

std::string finish_notice(std::string_view word, const FinishWord& meaning) {
  return "the answer ended with '" + base::excerpt(word, 80) + "': " + std::string(meaning.warning);
}

}  // namespace tachikoma::kit
