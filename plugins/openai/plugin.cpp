// SPDX-License-Identifier: MIT
#include "common/provider/llamacpp_token_count.hpp"

namespace {

/// Any server that speaks OpenAI's chat completions API: llama.cpp, vLLM, Ollama, a hosted service.
class OpenAi final : public tachikoma::kit::TokenCountingProvider {
 public:
  using TokenCountingProvider::TokenCountingProvider;
};

}  // namespace

TACHIKOMA_PLUGIN(registrar) {
  return registrar.provider("openai", tachikoma::kit::make_server_provider<OpenAi>);
}
