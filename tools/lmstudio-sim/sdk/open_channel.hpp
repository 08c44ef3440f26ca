// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

#include "sdk/endpoint.hpp"
#include "sdk/sdk_wire.hpp"

namespace lmstudio_sim {

/// An error as `rpcError` and `channelError` contain it.
JsonValue error_object(const SdkError& error);
/// The same for a fault of the kinds `error`, `error_event` and `status`.
JsonValue error_object(const Fault& fault);

/// A message that is not JSON, for the fault `garbage`.
inline constexpr std::string_view kGarbageMessage = "{\"type\":\"channelSend\",\"channelId\":";

/// A channel of one socket. The thread that reads the socket calls `stop` and `abandon`.
class OpenChannel final : public SdkChannel {
 public:
  struct Start {
    std::string_view space;
    std::int64_t channel_id = 0;
    JsonValue parameter;
    Journal::Id journal_id = 0;
    std::optional<Fault> fault = {};
  };
  OpenChannel(SimulatorState& simulator, SdkWire& wire, Start start);
  ~OpenChannel() override;
  OpenChannel(const OpenChannel&) = delete;
  OpenChannel& operator=(const OpenChannel&) = delete;

  SimulatorState& simulator() override { return simulator_; }
  std::string_view space() const override { return start_.space; }
  const JsonValue& parameter() const override { return start_.parameter; }
  Journal::Id id() const override { return start_.journal_id; }
  bool send(const JsonValue& message) override;
  bool wait(std::chrono::microseconds time) override;
  bool wait_readable(int descriptor) override;
  bool stopped() const override { return stopped_ && !gone_; }
  void fail(const SdkError& error) override { fail_with(error_object(error)); }

  /// Serves it with this handler. False when the parameter has the wrong type.
  bool serve(ChannelHandler handler);
  /// Tells the client and the journal that the channel has ended.
  void finish();
  /// The client wants to end the channel.
  void stop();
  /// The socket is gone.
  void abandon();

  std::thread thread;  ///< serves it

 private:
  bool fault_is_due(bool at_creation) const;
  bool apply_fault();
  void fail_with(JsonValue error);
  void signal_end();

  SimulatorState& simulator_;
  SdkWire& wire_;
  const Start start_;
  const int end_;  // readable when the channel was stopped or its socket is gone
  std::atomic<bool> stopped_{false}, gone_{false};
  std::mutex mutex_;
  std::int64_t messages_ = 0, fragments_ = 0;  // sent; all members below mutex_ are guarded by it
  bool faulted_ = false, closed_ = false;
  JsonValue error_;
};

}  // namespace lmstudio_sim
