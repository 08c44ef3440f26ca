// SPDX-License-Identifier: MIT
#include "async/cancellation.hpp"

#include <utility>

namespace tachikoma {

std::uint64_t CallCancellation::subscribe(Callback callback, void* user) {
  // made outside the lock: the callback may run right here, when cancellation was already requested
  auto subscription = std::make_unique<Subscription>(source_.get_token(), Action{callback, user});
  const std::lock_guard lock(mutex_);
  subscriptions_.emplace(++last_id_, std::move(subscription));
  return last_id_;
}

void CallCancellation::unsubscribe(std::uint64_t id) {
  std::unique_ptr<Subscription> ended;  // outlives the lock: destroying it waits for a running callback
  const std::lock_guard lock(mutex_);
  if (const auto found = subscriptions_.find(id); found != subscriptions_.end()) {
    ended = std::move(found->second);
    subscriptions_.erase(found);
  }
}

void CallCancellation::request(CancelReason reason) {
  CancelReason none = CancelReason::none;
  if (reason_.compare_exchange_strong(none, reason, std::memory_order_acq_rel)) source_.request_stop();
}

std::string next_request_id() {
  static std::atomic<std::uint64_t> last = 0;
  return "r" + std::to_string(last.fetch_add(1, std::memory_order_relaxed) + 1);
}

}  // namespace tachikoma
