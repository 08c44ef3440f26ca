// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "plugins/common/net/local_cancellation.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::testing {

/// The built fixture of that name, tests/fixtures/plugins/<name>.
std::string bad_plugin(const std::string& name);
/// The folder of the built plugins that users get.
std::string built_plugins();

/// What a person reads of an error, with what differs between machines taken out.
std::string describe_portably(const Error& error);

/// A log that remembers its lines: "warning tachikoma: text".
class LogLines {
 public:
  LogCallback callback();
  std::vector<std::string> lines() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Cancellation by hand.
using ManualCancellation = kit::LocalCancellation;

/// Keeps what a chat call says; stops it after `limit` deltas.
struct Collector final : ChatSink {
  explicit Collector(std::size_t most = SIZE_MAX) : limit(most) {}
  Flow on_event(const ChatEvent& event) override;

  std::size_t limit;
  std::vector<std::string> deltas;
  std::string text;
  std::string thinking;
};

/// One chat call with one user message and nobody to cancel it.
Result<ChatOutcome> chat(Provider& provider, ChatRequest request, Collector& sink);
Result<ChatOutcome> chat(Provider& provider, ChatRequest request);

}  // namespace tachikoma::testing
