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
/// [thread-safe] Calls may overlap; each blocks its own thread. A provider neither retries nor falls
/// back: the host does that once, for all. It may throw nothing; what it throws becomes
/// `plugin_fault`.
class Provider : public Component {
 public:
  /// Answers `request`, telling `sink` everything as it comes, and returns what the sink was not told.
  /// Ends promptly once `context.cancellation` is requested, with any result. Keeps no reference to
  /// any argument after it returns.
  virtual Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink,
                                   const CallContext& context) = 0;
};

}  // namespace tachikoma
