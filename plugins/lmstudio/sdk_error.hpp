// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "common/http/http_client.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/value.hpp"

// Converts the errors of LM Studio's WebSockets to ours.
namespace tachikoma::lmstudio {

/// Names one call of an endpoint, for messages.
struct SdkCallName {
  std::string server;      ///< "http://127.0.0.1:1234"
  std::string endpoint;    ///< "llm.loadModel"
  std::string model = {};  ///< the model that it concerns; empty: none
};

/// The model in an endpoint's parameter; empty: none.
std::string model_of(const Value& parameter);

/// From the error object of an endpoint.
Error error_from_sdk(const Value& error, const SdkCallName& call);
/// From a `communicationWarning` in place of an answer.
Error error_from_warning(std::string_view kind, std::string_view warning, const SdkCallName& call);
/// From a refused authentication.
Error error_from_auth(std::string_view refusal, std::string_view server, std::string_view api_key);
/// From the answer in place of an upgrade to the WebSocket at `path`. `known_here`: the server has accepted
/// this client on another one, so that a 401 has LM Studio's meaning: there is no such WebSocket.
Error error_from_upgrade(const kit::Document& answer, std::string_view server, std::string_view path,
                         bool known_here);

/// From the loss of the WebSocket at `path`; the cause's message begins with "it".
Error error_from_loss(const Error& cause, std::string_view server, std::string_view path);

}  // namespace tachikoma::lmstudio
