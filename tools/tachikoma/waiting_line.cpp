// SPDX-License-Identifier: MIT
#include "waiting_line.hpp"

#include <unistd.h>
#include <utility>

#include "base/durations.hpp"
#include "progress_line.hpp"
#include "terminal_size.hpp"

namespace tachikoma::cli {
namespace {

constexpr std::chrono::milliseconds kBeforeShown{500}, kBetween{200};

std::string queue_of(const Waiting& waiting) {
  std::string more =
      std::to_string(waiting.ahead) + (waiting.ahead == 1 ? " request before" : " requests before");
  if (!waiting.waits_for.empty()) more += " · after " + visible(waiting.waits_for);
  return more;
}

}  // namespace

bool WaitingFor::take(const Delta& delta) {
  switch (delta.kind) {
    case Delta::Kind::reasoning:
      ++pieces;
      // a server sends a token at a time, but nothing obliges it to
      *this = {.what = "thinking", .more = "~" + std::to_string(pieces) + " tokens", .pieces = pieces};
      return true;
    case Delta::Kind::tool_call:
      *this = {.what = "running " + (delta.call ? visible(delta.call->name) : "")};
      return true;
    case Delta::Kind::tool_result: *this = {}; return true;
    case Delta::Kind::progress: break;
    default: return false;
  }
  if (delta.fraction >= 1) {  // what comes next may not be told
    *this = {.what = "waiting for the answer"};
    return true;
  }
  if (delta.content == "queue") {
    *this = {.more = delta.waiting ? queue_of(*delta.waiting) : ""};
  } else if (delta.content == "load") {
    *this = {.what = "loading the model", .fraction = delta.fraction};
    if (delta.waiting && delta.waiting->remaining)
      more = "about " + base::describe_time(delta.waiting->remaining.value) + " left";
  } else {
    *this = {.what = "reading the " + visible(delta.content), .fraction = delta.fraction};
  }
  return true;
}

std::string WaitingFor::line(std::chrono::milliseconds passed, std::size_t room) const {
  std::string behind = more;
  if (passed >= std::chrono::seconds(1)) behind += (behind.empty() ? "" : " · ") + format_duration(passed);
  return progress_line(what, fraction, behind, room);
}

void WaitingLine::begin() {
  if (shower_.joinable() || !output_.can_show()) return;
  waiting_ = {};
  ends_ = false;
  shower_ = std::thread([this, begun = Clock::now()] { keep_shown(begun); });
}

void WaitingLine::at(const Delta& delta) {
  if (!shower_.joinable()) return;
  const std::lock_guard lock(mutex_);
  waiting_.take(delta);
}

void WaitingLine::end() {
  if (!shower_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
  }
  changed_.notify_one();
  shower_.join();
  output_.show({});
}

void WaitingLine::keep_shown(Clock::time_point begun) {
  std::string shown;
  std::unique_lock lock(mutex_);
  for (Clock::time_point next = begun + kBeforeShown;; next = Clock::now() + kBetween) {
    if (changed_.wait_until(lock, next, [this] { return ends_; })) return;
    const WaitingFor waiting = waiting_;
    lock.unlock();
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
    std::string line = waiting.line(passed, terminal_size(STDERR_FILENO).columns - 1);
    if (line != shown) output_.show(line);
    shown = std::move(line);
    lock.lock();
  }
}

}  // namespace tachikoma::cli
