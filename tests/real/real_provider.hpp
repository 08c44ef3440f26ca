// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/provider/llamacpp_token_count.hpp"
#include "real/llama_server.hpp"
#include "support/recording_sink.hpp"
#include "support/test_host.hpp"

namespace tachikoma::testing {

/// The provider that plugin `openai` makes, in this process, for a real server.
class RealProvider {
 public:
  explicit RealProvider(const LlamaServer& server)
      : provider_(kit::make_server_provider<Counting>(Value::object({{"base_url", server.base_url()}}), host_)
                      .value()) {}

  Result<ChatOutcome> chat(const ChatRequest& request) {
    sink = {};
    return provider_->chat(request, sink, context_);
  }
  Result<std::vector<ModelInfo>> models() { return counting().list_models(context_); }
  Result<Embeddings> embed(std::string_view model, const std::vector<std::string>& texts) {
    return counting().embed(model, texts, context_);
  }
  Result<std::int64_t> count(const ChatRequest& request) {
    return counting().count_prompt_tokens(request, context_);
  }
  /// As servers without a route for it are asked.
  Result<std::int64_t> count_by_template(const ChatRequest& request) {
    return counting().count_by_template(request, context_);
  }
  Result<std::int64_t> count_text(std::string_view model, std::string_view text) {
    return counting().count_text_tokens(model, text, context_);
  }

  RecordingSink sink;  ///< what the last chat told

 private:
  class Counting final : public kit::TokenCountingProvider {
   public:
    using TokenCountingProvider::TokenCountingProvider;
    Result<std::int64_t> count_by_template(const ChatRequest& request, const CallContext& context) {
      const auto server = client(context);
      if (!server) return server.error();
      const auto body = kit::write_chat_request(request);
      if (!body) return body.error();
      return count_in_template(**server, request, *body, kit::CallScope::of(context));
    }
  };

  Counting& counting() { return static_cast<Counting&>(*provider_); }

  TestHost host_;
  TestCancellation cancellation_;
  CallContext context_{cancellation_, "1"};
  std::unique_ptr<Provider> provider_;
};

}  // namespace tachikoma::testing
