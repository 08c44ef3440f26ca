// SPDX-License-Identifier: MIT
#include "common/openai_provider.hpp"

namespace {

/// Any server that speaks OpenAI's chat completions API: llama.cpp, vLLM, Ollama, a hosted service.
class OpenAi final : public tachikoma::kit::OpenAiCompatibleProvider {
 public:
  using OpenAiCompatibleProvider::OpenAiCompatibleProvider;
};

}  // namespace

TACHIKOMA_PLUGIN(registrar) {
  return registrar.provider("openai", tachikoma::kit::make_server_provider<OpenAi>);
}
