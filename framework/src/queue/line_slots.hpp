// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "queue/broker.hpp"
#include "queue/waits.hpp"
#include "sessions/batch_answering.hpp"

namespace tachikoma::queue {

/// A line that a worker has an outcome for.
struct FinishedLine {
  TakenLine line = {};
  Result<Value> outcome;
  bool is_ours = true;  ///< false: another worker took it over
};

/// The lines that a worker answers, all for one model. For one thread; the answers come on others.
class LineSlots {
 public:
  explicit LineSlots(const sessions::BatchParts& parts) : answering_(parts) {}
  ~LineSlots() {
    cancel();
    while (!running_.empty()) take_finished(WaitClock::now() + kLookAgain);
  }
  LineSlots(const LineSlots&) = delete;
  LineSlots& operator=(const LineSlots&) = delete;

  std::size_t size() const { return running_.size(); }

  void start(TakenLine taken, const std::string& model) {
    const std::uint64_t serial = ++last_;
    Running& running = running_[serial];
    running.line = std::move(taken);
    const auto done = [inbox = inbox_, serial](Result<Value> outcome) {
      const std::lock_guard lock(inbox->mutex);
      inbox->outcomes.emplace_back(serial, std::move(outcome));
      inbox->changed.notify_all();
    };
    Result<sessions::BatchLine> line = sessions::read_batch_line(parser_, running.line.text, model);
    if (!line) return done(std::move(line).error());
    line->custom_id = running.line.custom_id;
    answering_.start(running.line.request, *std::move(line), running.stop.get_token(), done);
  }

  /// Waits for one at least, a call of `wake`, or the time.
  std::vector<FinishedLine> take_finished(WaitClock::time_point until) {
    std::unique_lock lock(inbox_->mutex);
    inbox_->changed.wait_until(lock, until, [this] { return inbox_->woken || !inbox_->outcomes.empty(); });
    inbox_->woken = false;
    auto outcomes = std::exchange(inbox_->outcomes, {});
    lock.unlock();
    std::vector<FinishedLine> finished;
    for (auto& [serial, outcome] : outcomes) {
      const auto running = running_.extract(serial);
      finished.push_back({std::move(running.mapped().line), std::move(outcome), running.mapped().is_ours});
    }
    return finished;
  }

  /// May be called by any thread.
  void wake() {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->woken = true;
    inbox_->changed.notify_all();
  }

  void cancel() {
    for (auto& [serial, running] : running_) running.stop.request_stop();
  }
  /// Cancels a line that is another worker's by now.
  void lose(const std::string& id) {
    for (auto& [serial, running] : running_) {
      if (running.line.id != id) continue;
      running.is_ours = false;
      running.stop.request_stop();
    }
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const auto& [serial, running] : running_) ids.push_back(running.line.id);
    return ids;
  }

 private:
  struct Running {
    TakenLine line = {};
    std::stop_source stop = {};
    bool is_ours = true;
  };
  struct Inbox {
    std::mutex mutex;  // guards what follows
    std::condition_variable changed;
    std::vector<std::pair<std::uint64_t, Result<Value>>> outcomes;
    bool woken = false;
  };

  const sessions::LineAnswering answering_;
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  base::JsonParser parser_;
  std::map<std::uint64_t, Running> running_;
  std::uint64_t last_ = 0;
};

}  // namespace tachikoma::queue
