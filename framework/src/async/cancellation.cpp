// SPDX-License-Identifier: MIT
#include "async/cancellation.hpp"

namespace tachikoma {

std::uint64_t CallCancellation::subscribe(Callback callback, void* user) {
  std::unique_lock lock(mutex_);
  const std::uint64_t id = ++last_id_;
  if (!requested()) {
    subscriptions_.push_back({id, callback, user});
    return id;
  }
  lock.unlock();
  callback(user);
  return id;
}

void CallCancellation::unsubscribe(std::uint64_t id) {
  if (id == 0) return;  // of what was never subscribed
  std::unique_lock lock(mutex_);
  std::erase_if(subscriptions_, [&](const Subscription& each) { return each.id == id; });
  if (runner_ != std::this_thread::get_id())
    ended_.wait(lock, [&] { return running_ == 0 || running_ != id; });
}

void CallCancellation::request(CancelReason reason) {
  CancelReason none = CancelReason::none;
  if (!reason_.compare_exchange_strong(none, reason, std::memory_order_acq_rel)) return;
  std::unique_lock lock(mutex_);
  runner_ = std::this_thread::get_id();
  if (const auto stop = stop_) {  // its callbacks may come back here
    lock.unlock();
    stop->request_stop();
    lock.lock();
  }
  while (!subscriptions_.empty()) {
    const Subscription next = subscriptions_.back();
    subscriptions_.pop_back();
    running_ = next.id;
    lock.unlock();
    next.callback(next.user);
    lock.lock();
    running_ = 0;
    ended_.notify_all();
  }
  runner_ = {};
}

std::stop_token CallCancellation::token() {
  const std::lock_guard lock(mutex_);
  if (!stop_) {
    stop_.emplace();
    if (requested()) stop_->request_stop();
  }
  return stop_->get_token();
}

std::string next_request_id() {
  static std::atomic<std::uint64_t> last = 0;
  return "r" + std::to_string(last.fetch_add(1, std::memory_order_relaxed) + 1);
}

}  // namespace tachikoma
