// SPDX-License-Identifier: MIT
#pragma once

#include <variant>

#include "model/chat_request.hpp"
#include "sdk/endpoint.hpp"
#include "sdk/prediction_config.hpp"
#include "world/uploads.hpp"

namespace lmstudio_sim {

/// A prediction that a WebSocket client requests.
struct PredictionRequest {
  ChatRequest chat;
  PredictionConfig config;
  bool raw = false;  ///< a text to continue: no template, no tools, no reasoning
};

/// True when the parameter is valid for `predict`.
bool is_prediction(const JsonValue& parameter);
/// True when the parameter is valid for `completeRawText`.
bool is_raw_prediction(const JsonValue& parameter);
bool is_history(const JsonValue& history);

/// Reads either of them. Fails for a file that was not uploaded, or is not an image.
std::variant<PredictionRequest, SdkError> read_prediction(const JsonValue& parameter, const Uploads& uploads);

/// The tokens of its prompt, as the other surfaces count them.
std::int64_t prompt_tokens(const PredictionRequest& request);
/// The prompt as the model sees it.
std::string prompt_text(const PredictionRequest& request);

}  // namespace lmstudio_sim
