// SPDX-License-Identifier: MIT
#pragma once

#include "lmstudio/studio.hpp"
#include "tachikoma/plugin/capability/tokenizer.hpp"

namespace tachikoma::lmstudio {

/// True when a message shows an image.
bool has_images(const ChatRequest& request);

/// Counts tokens with models in memory, over LM Studio's WebSocket: only that has templates and tokenizers.
class StudioTokens final : public Tokenizer {
 public:
  explicit StudioTokens(Studio& studio) : studio_(studio) {}

  Result<std::int64_t> count_prompt_tokens(const ChatRequest& request, const CallContext& context) override;
  Result<std::int64_t> count_text_tokens(std::string_view model, std::string_view text,
                                         const CallContext& context) override;

 private:
  Studio& studio_;
};

}  // namespace tachikoma::lmstudio
