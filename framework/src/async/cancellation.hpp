// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

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
///
/// Each call has several, of which hardly any is ever requested: what nobody uses is not made.
class CallCancellation final : public Cancellation {
 public:
  bool requested() const override { return reason() != CancelReason::none; }
  std::uint64_t subscribe(Callback callback, void* user) override;
  void unsubscribe(std::uint64_t id) override;

  void request(CancelReason reason);
  /// For code that takes a std::stop_token.
  std::stop_token token();
  CancelReason reason() const { return reason_.load(std::memory_order_acquire); }

 private:
  struct Subscription {
    std::uint64_t id;
    Callback callback;
    void* user;
  };

  std::atomic<CancelReason> reason_ = CancelReason::none;
  std::mutex mutex_;  // guards what follows; not held while a callback runs
  std::condition_variable ended_;
  // enough for nearly every call
  alignas(Subscription) std::array<std::byte, 3 * sizeof(Subscription)> room_;
  std::pmr::monotonic_buffer_resource memory_{room_.data(), room_.size()};
  std::pmr::vector<Subscription> subscriptions_{&memory_};
  std::uint64_t last_id_ = 0;
  std::uint64_t running_ = 0;  // the subscription whose callback `request` calls
  std::thread::id runner_;
  std::optional<std::stop_source> stop_;
};

/// A name for a call that is unique in this process.
std::string next_request_id();

}  // namespace tachikoma
