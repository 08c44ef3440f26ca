// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "http/json_value.hpp"
#include "model/simulator_state.hpp"

namespace lmstudio_sim {

/// An error on the WebSocket.
struct SdkError {
  std::string title;
  std::string cause = {};
  std::string suggestion = {};
  JsonValue display = {};  ///< `displayData`, with its `code`; null: none
};

/// One call of an RPC endpoint.
struct SdkCall {
  SimulatorState& simulator;
  std::string_view space;      ///< "llm", "embedding", …
  const JsonValue& parameter;  ///< null when there was none
  Journal::Id id;              ///< its entry in the journal
};

/// The result of such a call: a value, null for "no result", or an error.
using RpcOutcome = std::variant<JsonValue, SdkError>;
/// Returns nothing when the parameter has the wrong type: the client gets a warning and no answer.
using RpcHandler = std::optional<RpcOutcome> (*)(const SdkCall& call);

/// One open channel, as seen by the thread that serves it.
class SdkChannel {
 public:
  virtual ~SdkChannel() = default;
  virtual SimulatorState& simulator() = 0;
  virtual std::string_view space() const = 0;
  virtual const JsonValue& parameter() const = 0;
  /// Its entry in the journal.
  virtual Journal::Id id() const = 0;
  /// Sends a message, from any thread; false when the channel or its socket is gone, or a fault ends it.
  virtual bool send(const JsonValue& message) = 0;
  /// Waits that long; false as soon as the client stops the channel (`stopped`) or its socket is gone.
  virtual bool wait(std::chrono::microseconds time) = 0;
  /// Waits until this descriptor is readable; false in the same cases.
  virtual bool wait_readable(int descriptor) = 0;
  /// The client sent `cancel` or `stop`.
  virtual bool stopped() const = 0;
  /// Makes the channel end with an error; otherwise it is closed when the handler returns.
  virtual void fail(const SdkError& error) = 0;
};

/// Serves a channel to its end. Returns false, having done nothing, when the parameter has the wrong type.
using ChannelHandler = bool (*)(SdkChannel& channel);

/// One endpoint, with one of the two handlers.
struct SdkEndpoint {
  std::string_view space;
  std::string_view name;
  RpcHandler rpc = nullptr;
  ChannelHandler channel = nullptr;
};

// The endpoints by topic; `websocket_session.cpp` serves all of them.
std::span<const SdkEndpoint> system_endpoints();  ///< versions, models on disk, the HTTP server
std::span<const SdkEndpoint>
model_endpoints();  ///< loading, unloading and inspecting models, for both domains
std::span<const SdkEndpoint> prediction_endpoints();  ///< predicting, tokens, templates, embedding, files
std::span<const SdkEndpoint> report_endpoints();      ///< logs, hardware, downloads

}  // namespace lmstudio_sim
