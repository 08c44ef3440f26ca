// SPDX-License-Identifier: MIT
#pragma once

#include <exception>

#include "calls/retry.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::models {

/// Passes the events of a request to an application's callback. Its exception does not propagate
/// through the plugin: it ends the request, as `Flow::stop` does, and is rethrown afterwards.
class Relay {
 public:
  explicit Relay(calls::BlockingRequest& request) : request_(request) {}

  template <class Callback, class Event>
  Flow pass(const Callback& callback, const Event& event) {
    if (request_.ended()) return Flow::stop;
    if (!callback) return Flow::proceed;
    try {
      if (callback(event) == Flow::proceed) return Flow::proceed;
    } catch (...) {
      thrown_ = std::current_exception();
    }
    request_.leave();
    return Flow::stop;
  }
  /// The same from inside a call, which a clock may have ended.
  template <class Callback, class Event>
  Flow pass(const Callback& callback, const Event& event, const calls::PluginCall& call) {
    if (call.context.cancellation.requested()) return Flow::stop;
    return call.flow_of([&] { return pass(callback, event); });
  }

  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  calls::BlockingRequest& request_;
  std::exception_ptr thrown_;
};

}  // namespace tachikoma::models
