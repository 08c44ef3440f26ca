// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// The vectors of some texts.
struct Embeddings {
  std::vector<std::vector<float>> vectors = {};  ///< one per text, in the same order, all of the same length
  Usage usage = {};
  std::string served_model = {};  ///< the model that answered, as the server names it; empty: it does not
};

/// Offered by a provider whose server has embedding models. [thread-safe]
class Embedder {
 public:
  static constexpr std::string_view kId = "tachikoma.embedder/1";

  /// Embeds `texts` with one request; the host makes the batches. Fails with `protocol` if the reply does not
  /// have one vector for each text.
  virtual Result<Embeddings> embed(std::string_view model, std::span<const std::string> texts,
                                   const CallContext& context) = 0;

 protected:
  ~Embedder() = default;
};

}  // namespace tachikoma
