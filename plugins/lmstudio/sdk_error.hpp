// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "common/http/http_client.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/value.hpp"

// What LM Studio's WebSockets say when something fails, as our errors.
namespace tachikoma::lmstudio {

/// One call of an endpoint, as messages name it.
struct SdkCallName {
  std::string server;      ///< "http://127.0.0.1:1234"
  std::string endpoint;    ///< "llm.loadModel"
  std::string model = {};  ///< which model it is about; empty: none
};

/// The model that an endpoint's parameter names; empty when it names none.
std::string model_of(const Value& parameter);

/// Of the error object that an endpoint answers.
Error error_from_sdk(const Value& error, const SdkCallName& call);
/// Of a `communicationWarning` that stands in place of an answer.
Error error_from_warning(std::string_view kind, std::string_view warning, const SdkCallName& call);
/// Of a refused authentication.
Error error_from_auth(std::string_view refusal, std::string_view server, std::string_view api_key);
/// Of what was answered in place of an upgrade to the WebSocket at `path`. `known_here`: the server has let
/// this client in on another one, so that a 401 means what LM Studio means by it: there is no such WebSocket.
Error error_from_upgrade(const kit::Document& answer, std::string_view server, std::string_view path,
                         bool known_here);

/// Of the loss of the WebSocket at `path`; the cause's message begins with "it".
Error error_from_loss(const Error& cause, std::string_view server, std::string_view path);

}  // namespace tachikoma::lmstudio
