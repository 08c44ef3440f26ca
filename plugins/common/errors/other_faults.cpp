// SPDX-License-Identifier: MIT
#include "common/errors/other_faults.hpp"

namespace tachikoma::kit {
namespace {

using enum FaultTopic;
using enum FaultPhrase::Place;

constexpr FaultPhrase kOtherPhrases[] = {
    // Ollama
    {context, text, "input length exceeds"},
    {context, text, "exceeds maximum context length"},
    {memory, text, "model requires more system memory"},
    {busy, text, "server busy, please try again"},
    {loss, text, "llama runner process has terminated"},
    {loss, text, "model runner has unexpectedly stopped"},
    // vLLM
    {context, text, "longer than the maximum model length"},
    {context, text, "exceeds the max_model_len"},
    {context, text, "too long to fit into the model"},
    {prompt_form, text, "default chat template is no longer allowed"},
    // SGLang
    {context, text, "longer than the model's context length"},
    {context, text, "exceeds the model's maximum context length"},
    {context, text, "exceeds the maximum allowed length"},
    // text-generation-inference
    {context, text, "`inputs` must have less than"},
    {context, text, "`inputs` tokens + `max_new_tokens` must be"},
    {busy, text, "model is overloaded"},
    // llama-cpp-python
    {context, text, "exceed context window"},
    // TabbyAPI
    {context, text, "is greater than max_seq_len"},
    // Python's and C++'s runtimes
    {memory, text, "bad_alloc"},
    {memory, text, "not enough vram"},
    {memory, text, "insufficient vram"},
    // what is in front of engines: SGLang's router, LiteLLM, Triton, hosted services
    {busy, text, "overloaded"},
    {busy, text, "temporarily unavailable"},
    {busy, text, "at capacity"},
    {busy, text, "queue is full"},
    {busy, text, "too many concurrent"},
    // OpenRouter
    {model, text, "no endpoints found for"},
    // hosted: keys, in the words of OpenAI, Google, Mistral, Groq, Moonshot and gateways
    {key, text, "invalid api key"},
    {key, text, "invalid api-key"},
    {key, text, "api key not valid"},
    {key, text, "api key is missing"},
    {key, text, "api key is invalid"},
    {key, text, "api key is required"},
    {key, text, "api key has expired"},
    {key, text, "missing api key"},
    {key, text, "no api key"},
    {key, text, "provide an api key"},
    {key, text, "invalid authentication"},
    // hosted: Groq, Anthropic, Bedrock, Cohere
    {context, text, "reduce the length of the messages"},
    {context, text, "exceed context limit"},
    {context, text, "input is too long for requested model"},
    {context, text, "too many tokens: total number of tokens in the prompt"},
    // the templates of Gemma, Mistral and Llama 2, which most servers pass on
    {prompt_form, text, "roles must alternate"},
    {prompt_form, text, "system role not supported"},
    {prompt_form, text, "only user and assistant roles are supported"},
    {prompt_form, text, "expected last role"},
    {prompt_form, text, "no user query found"},
    {prompt_form, text, "same number of function calls and responses"},
};

}  // namespace

std::span<const FaultPhrase> other_faults() { return kOtherPhrases; }

}  // namespace tachikoma::kit
