// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// Offered by a provider whose server can count tokens. [thread-safe]
class Tokenizer {
 public:
  static constexpr std::string_view kId = "tachikoma.tokenizer/1";

  /// The number of tokens in the prompt of `request`: its messages and tools in the model's template, as the
  /// server itself would count them. Fails with `unsupported` if the server turns out to have no API for it.
  virtual Result<std::int64_t> count_prompt_tokens(const ChatRequest& request,
                                                   const CallContext& context) = 0;
  /// The number of tokens in `text` alone, without a template.
  virtual Result<std::int64_t> count_text_tokens(std::string_view model, std::string_view text,
                                                 const CallContext& context) = 0;

 protected:
  ~Tokenizer() = default;
};

}  // namespace tachikoma
