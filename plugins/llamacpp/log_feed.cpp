// SPDX-License-Identifier: MIT
#include "llamacpp/log_feed.hpp"

#include <algorithm>
#include <utility>

#include "common/net/cancel_wake.hpp"
#include "llamacpp/engine_log.hpp"

namespace tachikoma::llamacpp {

void LogFeed::add(std::string_view id, std::string_view line) {
  Line told{severity_of(line), std::string(id) + ": " + std::string(line)};
  const std::lock_guard lock(mutex_);
  for (Follower* follower : followers_) {
    if (follower->waiting.size() == kMaxQueued) {
      ++follower->lost;
      continue;
    }
    follower->waiting.push_back(told);
    follower->changed.notify_one();
  }
  if (!followers_.empty()) return;
  if (kept_.size() == kMaxKept) kept_.pop_front();
  kept_.push_back(std::move(told));
}

// The lost lines came after the waiting ones.
Flow LogFeed::deliver(const std::deque<Line>& lines, std::size_t lost, ServerLogSink& sink) {
  for (const Line& line : lines)
    if (sink.on_line(line.severity, line.text) == Flow::stop) return Flow::stop;
  if (lost == 0) return Flow::proceed;
  return sink.on_line(Severity::warning, std::to_string(lost) +
                                             " lines of the log are lost here: they came faster than they "
                                             "were taken");
}

Status LogFeed::follow(ServerLogSink& sink, const CallContext& context) {
  Follower self;
  const kit::CancelWake wake(context.cancellation, mutex_, self.changed);
  std::unique_lock lock(mutex_);
  self.waiting = std::exchange(kept_, {});
  followers_.push_back(&self);
  Flow flow = Flow::proceed;
  while (flow == Flow::proceed && !(wake.cancelled() && self.waiting.empty())) {
    self.changed.wait(lock, [&] { return wake.cancelled() || !self.waiting.empty(); });
    const std::deque<Line> lines = std::exchange(self.waiting, {});
    const std::size_t lost = std::exchange(self.lost, 0);
    lock.unlock();
    flow = deliver(lines, lost, sink);
    lock.lock();
  }
  std::erase(followers_, &self);
  if (flow == Flow::stop) return Done{};
  return Error(ErrorCode::cancelled, "cancelled");
}

}  // namespace tachikoma::llamacpp
