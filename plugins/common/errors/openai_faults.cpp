// SPDX-License-Identifier: MIT
#include "common/errors/openai_faults.hpp"

namespace tachikoma::kit {
namespace {

using enum FaultTopic;
using enum FaultPhrase::Place;

constexpr FaultPhrase kOpenAiPhrases[] = {
    {key, code, "invalid_api_key"},
    {key, code, "authentication_error"},
    {key, text, "incorrect api key"},
    {rate, code, "rate_limit"},
    {context, either, "context_length_exceeded"},
    {context, either, "maximum context length"},
    {context, either, "exceeds context"},
    {context, either, "prompt is too long"},
    {busy, code, "overloaded"},
    {model, either, "model not found"},
    {model, either, "unknown model"},
    {model, either, "does not exist or you do not have access"},
    {likely_model, code, "model_not_found"},
};

}  // namespace

std::span<const FaultPhrase> openai_faults() { return kOpenAiPhrases; }

}  // namespace tachikoma::kit
