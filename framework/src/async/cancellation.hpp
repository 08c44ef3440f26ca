// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "tachikoma/plugin/call_context.hpp"

namespace tachikoma {

/// Who or what cancelled a call.
enum class CancelReason : std::uint8_t {
  none,
  caller,    ///< its stop token
  consumer,  ///< its delta callback, or its abandoned stream
  connect,   ///< from here on: the clock of that name
  load,
  first_token,
  between_tokens,
  total,
};

/// The host's side of `Cancellation`: one per call. The first reason stays.
class CallCancellation final : public Cancellation {
 public:
  bool requested() const override { return source_.stop_requested(); }
  std::uint64_t subscribe(Callback callback, void* user) override;
  void unsubscribe(std::uint64_t id) override;

  void request(CancelReason reason);
  /// For code that takes a std::stop_token.
  std::stop_token token() const { return source_.get_token(); }
  CancelReason reason() const { return reason_.load(std::memory_order_acquire); }

 private:
  struct Action {
    Callback callback;
    void* user;
    void operator()() const { callback(user); }
  };
  using Subscription = std::stop_callback<Action>;

  std::stop_source source_;
  std::atomic<CancelReason> reason_ = CancelReason::none;
  std::mutex mutex_;  // guards what follows
  std::map<std::uint64_t, std::unique_ptr<Subscription>> subscriptions_;
  std::uint64_t last_id_ = 0;
};

/// A name for a call that is unique in this process.
std::string next_request_id();

}  // namespace tachikoma
