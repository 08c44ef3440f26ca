// SPDX-License-Identifier: MIT
#pragma once

#include <variant>

#include "model/chat_request.hpp"
#include "sdk/endpoint.hpp"
#include "sdk/prediction_config.hpp"
#include "world/uploads.hpp"

namespace lmstudio_sim {

/// What a client of the WebSocket wants predicted.
struct PredictionRequest {
  ChatRequest chat;
  PredictionConfig config;
  bool raw = false;  ///< a text to go on with: no template, no tools, no reasoning
};

/// True when the parameter has the form that `predict` wants.
bool is_prediction(const JsonValue& parameter);
/// True when the parameter has the form that `completeRawText` wants.
bool is_raw_prediction(const JsonValue& parameter);
bool is_history(const JsonValue& history);

/// Reads either of them. An error: a file that was never uploaded, or that is no image.
std::variant<PredictionRequest, SdkError> read_prediction(const JsonValue& parameter, const Uploads& uploads);

/// The tokens of its prompt, as the other surfaces count them.
std::int64_t prompt_tokens(const PredictionRequest& request);
/// The prompt as its model sees it.
std::string prompt_text(const PredictionRequest& request);

}  // namespace lmstudio_sim
