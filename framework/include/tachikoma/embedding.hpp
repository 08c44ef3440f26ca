// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

#include "tachikoma/api.hpp"
#include "tachikoma/plugin/chat.hpp"

namespace tachikoma {

/// What to embed.
struct EmbeddingRequest {
  /// An alias or an address, as in TextRequest. Empty: the config's `defaults.embedding_model`; without one,
  /// the registry's selected model, or if that is none for embeddings, the only one that the servers have.
  std::string model = {};
  std::vector<std::string> texts = {};
  std::size_t batch_size = 64;  ///< texts per request to the server; > 0
  std::stop_token stop = {};
};

struct EmbeddingReply {
  std::string provider = {};
  std::string model = {};  ///< the model that answered, as the server names it, if it does
  std::vector<std::vector<float>> vectors = {};  ///< one per text, in the same order
  Usage usage = {};                              ///< the sum over all batches
};

/// The reply's published JSON form (docs/json.md).
TACHIKOMA_API Value to_value(const EmbeddingReply& reply);

}  // namespace tachikoma
