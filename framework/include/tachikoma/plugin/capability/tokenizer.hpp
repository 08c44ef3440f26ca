// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// Offered by a provider that can ask its server to count tokens. [thread-safe]
class Tokenizer {
 public:
  static constexpr std::string_view kId = "tachikoma.tokenizer/1";

  /// The tokens that the prompt of `request` takes: its messages and tools in the model's template, as the
  /// server itself would count them. `unsupported` where the server turns out to have no such surface.
  virtual Result<std::int64_t> count_prompt_tokens(const ChatRequest& request,
                                                   const CallContext& context) = 0;
  /// The tokens of `text` alone, without a template.
  virtual Result<std::int64_t> count_text_tokens(std::string_view model, std::string_view text,
                                                 const CallContext& context) = 0;

 protected:
  ~Tokenizer() = default;
};

}  // namespace tachikoma
