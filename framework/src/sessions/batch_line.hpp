// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/json.hpp"
#include "generate/generation.hpp"
#include "sessions/form_reader.hpp"
#include "tachikoma/embedding.hpp"

namespace tachikoma::sessions {

/// A line of a batch: a request of OpenAI's batch API, or our short form of one.
struct BatchLine {
  std::string custom_id = {};  ///< empty: a line of the short form that has none
  std::variant<generate::GenerationRequest, EmbeddingRequest> request = {};

  const std::string& model() const;
};

/// Fails with `invalid_argument` if it is not a request, has what can't be delivered, or is one that no
/// provider could answer. A line that names no model gets `default_model`.
Result<BatchLine> read_batch_line(base::JsonParser& parser, std::string_view line,
                                  const std::string& default_model);

/// Reads the body of a request to /v1/chat/completions; the reader has what is wrong, and what is not known.
generate::GenerationRequest read_chat_body(FormReader& reader, const Value& body);

/// The same of /v1/embeddings.
EmbeddingRequest read_embedding_body(FormReader& reader, const Value& body);

}  // namespace tachikoma::sessions
