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

/// An error as the WebSocket carries it.
struct SdkError {
  std::string title;
  std::string cause = {};
  std::string suggestion = {};
  JsonValue display = {};  ///< `displayData`, with its `code`; null: none
};

/// One call of an endpoint that answers once.
struct SdkCall {
  SimulatorState& simulator;
  std::string_view space;      ///< "llm", "embedding", …
  const JsonValue& parameter;  ///< null when there was none
  Journal::Id id;              ///< its entry in the journal
};

/// What such an endpoint answers: a value, null for "no result", or an error.
using RpcOutcome = std::variant<JsonValue, SdkError>;
/// Nothing: the parameter is not of the endpoint's type, which is a warning and no answer.
using RpcHandler = std::optional<RpcOutcome> (*)(const SdkCall& call);

/// One open channel, in the hands of the thread that serves it.
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
  /// Waits so long; false as soon as the client stops the channel (`stopped`) or its socket is gone.
  virtual bool wait(std::chrono::microseconds time) = 0;
  /// Waits until this descriptor can be read; false as above.
  virtual bool wait_readable(int descriptor) = 0;
  /// The client sent `cancel` or `stop`.
  virtual bool stopped() const = 0;
  /// Ends the channel with an error; without it, it is closed when the handler returns.
  virtual void fail(const SdkError& error) = 0;
};

/// Serves a channel to its end. False: the parameter is not of the endpoint's type, and nothing was done.
using ChannelHandler = bool (*)(SdkChannel& channel);

/// One endpoint; one of the two handlers is set.
struct SdkEndpoint {
  std::string_view space;
  std::string_view name;
  RpcHandler rpc = nullptr;
  ChannelHandler channel = nullptr;
};

// The endpoints, by what they are about; `sdk_socket.cpp` serves all of them.
std::span<const SdkEndpoint>
system_endpoints();                              ///< what there is: versions, models on disk, the HTTP server
std::span<const SdkEndpoint> model_endpoints();  ///< loading, unloading, inspecting; of both domains
std::span<const SdkEndpoint> prediction_endpoints();  ///< predicting, tokens, templates, embedding, files
std::span<const SdkEndpoint> report_endpoints();      ///< logs, hardware, downloads

}  // namespace lmstudio_sim
