// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "common/provider/openai_provider.hpp"
#include "tachikoma/plugin/capability/tokenizer.hpp"

namespace tachikoma::kit {

/// A provider for servers that may be llama.cpp's, which counts tokens on its own. [thread-safe]
class TokenCountingProvider : public OpenAiCompatibleProvider, public Tokenizer {
 public:
  using OpenAiCompatibleProvider::OpenAiCompatibleProvider;

  Result<std::int64_t> count_prompt_tokens(const ChatRequest& request, const CallContext& context) override;
  Result<std::int64_t> count_text_tokens(std::string_view model, std::string_view text,
                                         const CallContext& context) override;
  void* capability(std::string_view id) override {
    void* const found = capability_of<Tokenizer>(this, id);
    return found ? found : OpenAiCompatibleProvider::capability(id);
  }

 protected:
  /// Counts `request`, written as `body`, on a server that can't count chats: it renders the template, and
  /// tokenizes the text.
  Result<std::int64_t> count_in_template(HttpClient& client, const ChatRequest& request,
                                         std::string_view body, const CallScope& scope);

 private:
  Result<std::int64_t> tokenize(HttpClient& client, std::string_view model, std::string_view text,
                                bool add_special, const CallScope& scope);
};

}  // namespace tachikoma::kit
