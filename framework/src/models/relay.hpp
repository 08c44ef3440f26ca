// SPDX-License-Identifier: MIT
#pragma once

#include <exception>

#include "runtime/policy/retry.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::models {

/// Hands what a provider says during a call to a callback of the application. What that throws does not pass
/// through the plugin: it ends the request, as `Flow::stop` does, and is thrown again after it.
class Relay {
 public:
  explicit Relay(policy::BlockingRequest& request) : request_(request) {}

  /// From here on that call says something.
  void listen_to(const CallContext& context) { context_ = &context; }
  const CallContext& context() const { return *context_; }

  template <class Callback, class Event>
  Flow pass(const Callback& callback, const Event& event) {
    if (request_.ended() || (context_ && context_->cancellation.requested())) return Flow::stop;
    if (!callback) return Flow::proceed;
    try {
      if (callback(event) == Flow::proceed) return Flow::proceed;
    } catch (...) {
      thrown_ = std::current_exception();
    }
    request_.leave();
    return Flow::stop;
  }

  void rethrow() const {
    if (thrown_) std::rethrow_exception(thrown_);
  }

 private:
  policy::BlockingRequest& request_;
  const CallContext* context_ = nullptr;
  std::exception_ptr thrown_;
};

}  // namespace tachikoma::models
