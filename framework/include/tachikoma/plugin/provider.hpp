// SPDX-License-Identifier: MIT
#pragma once

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/chat.hpp"
#include "tachikoma/plugin/component.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma {

/// Answers chat requests with the models of one server or engine.
///
/// [thread-safe] Calls may overlap; each blocks its own thread. A provider neither retries nor falls back:
/// the host does that for all providers. It must not throw; an exception becomes `plugin_fault`.
class Provider : public Component {
 public:
  /// Answers `request`: passes everything to `sink` as it arrives, and returns the rest. Ends promptly, with
  /// any result, once `context.cancellation` is requested. Keeps no reference to an argument after it
  /// returns. To report success and say nothing, no text, call, finish or usage, is an error: `protocol`.
  virtual Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink,
                                   const CallContext& context) = 0;
};

}  // namespace tachikoma
