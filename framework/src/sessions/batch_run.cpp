// SPDX-License-Identifier: MIT
#include "sessions/batch_run.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "base/try.hpp"

namespace tachikoma::sessions {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// The requests that have ended, told by whichever thread to the one that runs the batch.
class EndedRequests {
 public:
  void add(std::size_t request) {
    const std::lock_guard lock(mutex_);
    ended_.push_back(request);
    changed_.notify_all();
  }
  void wake() {
    const std::lock_guard lock(mutex_);
    woken_ = true;
    changed_.notify_all();
  }
  /// Waits for one at least, a call of `wake`, or the deadline.
  std::vector<std::size_t> take(const std::optional<SteadyClock::time_point>& deadline) {
    std::unique_lock lock(mutex_);
    const auto news = [this] { return woken_ || !ended_.empty(); };
    if (deadline)
      changed_.wait_until(lock, *deadline, news);
    else
      changed_.wait(lock, news);
    woken_ = false;
    return std::exchange(ended_, {});
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::vector<std::size_t> ended_;
  bool woken_ = false;
};

Error stopped() { return Error(ErrorCode::cancelled, "the batch was stopped before this request was begun"); }

Error deadline_passed() {
  return Error(ErrorCode::timeout, "the deadline of the batch passed before this request had its answer",
               "give the batch a later deadline", Value::object({{"clock", "batch"}}));
}

Error other_failed(std::size_t request) {
  return Error(ErrorCode::cancelled, "this request was not begun: the one at index " +
                                         std::to_string(request) +
                                         " failed, and the batch stops at the first error");
}

class BatchRun {
 public:
  BatchRun(BatchWork& work, const models::Management& management, const BatchOptions& options,
           BatchProgress progress)
      : work_(work),
        management_(management),
        options_(options),
        progress_(progress),
        on_stop_(options.stop, [this] { ended_->wake(); }) {}
  ~BatchRun() {  // after an exception, or an error, some run
    cancel_.request_stop();
    while (running_ > 0) running_ -= ended_->take({}).size();
  }

  Status run(const BatchGroup& group) {
    halt_if_due();
    std::optional<std::size_t> limit = options_.concurrency;
    bool is_known = limit.has_value() || halted_;
    if (!is_known) is_known = (limit = parallel_of(management_, group.model, options_.stop)).has_value();
    for (std::size_t next = 0; running_ > 0 || (next < group.requests.size() && !halted_);) {
      while (!halted_ && next < group.requests.size() &&
             running_ < limit.value_or(BatchOptions::kDefaultConcurrency)) {
        start(group.requests[next++]);
        halt_if_due();
      }
      TACHIKOMA_TRY_STATUS(end_some());
      if (!is_known && !halted_ && next < group.requests.size()) {  // it is in memory now, as a rule
        limit = parallel_of(management_, group.model, options_.stop);
        is_known = true;
      }
    }
    return Done{};
  }

  const std::optional<Error>& halted() const { return halted_; }

 private:
  void start(std::size_t request) {
    work_.start(request, cancel_.get_token(), [ended = ended_, request] { ended->add(request); });
    ++running_;  // now: what throws has begun nothing
  }

  Status end_some() {
    const bool waits_for_deadline = options_.deadline && !cancel_.stop_requested();
    const std::vector<std::size_t> ended =
        ended_->take(waits_for_deadline ? options_.deadline : std::nullopt);
    running_ -= ended.size();
    for (const std::size_t request : ended) {
      TACHIKOMA_TRY(const bool succeeded, work_.end(request, is_late() ? halted_ : std::nullopt));
      ++progress_.done;
      if (!succeeded) ++progress_.failed;
      if (!succeeded && options_.stop_on_error && !halted_) halted_ = other_failed(request);
      if (options_.on_progress) options_.on_progress(progress_);
    }
    halt_if_due();
    return Done{};
  }

  bool is_late() const { return halted_ && halted_->code == ErrorCode::timeout; }

  void halt_if_due() {
    const bool late = options_.deadline && SteadyClock::now() >= *options_.deadline;
    if (is_late() || cancel_.stop_requested() || !(late || options_.stop.stop_requested())) return;
    halted_ = options_.stop.stop_requested() ? stopped() : deadline_passed();
    cancel_.request_stop();
  }

  BatchWork& work_;
  const models::Management& management_;
  const BatchOptions& options_;
  BatchProgress progress_;
  const std::shared_ptr<EndedRequests> ended_ = std::make_shared<EndedRequests>();
  std::stop_source cancel_;
  std::size_t running_ = 0;
  std::optional<Error> halted_;  // why no further request is begun
  const std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace

std::vector<BatchGroup> group_by_model(const ModelRegistry::Impl& registry, std::size_t count,
                                       const std::function<std::string(std::size_t)>& model_of,
                                       std::stop_token stop) {
  std::vector<BatchGroup> groups;
  std::map<std::string, std::size_t> by_name, by_model;
  for (std::size_t i = 0; i < count; ++i) {
    std::string name = model_of(i);
    auto known = by_name.find(name);
    if (known == by_name.end()) {
      const Result<ResolvedModel> model = registry.resolve(name, stop);
      const std::string identity = model ? model->provider + "::" + model->key : name;
      const auto [group, is_new] = by_model.try_emplace(identity, groups.size());
      if (is_new) groups.push_back({.model = name});
      known = by_name.emplace(std::move(name), group->second).first;
    }
    groups[known->second].requests.push_back(i);
  }
  return groups;
}

std::optional<std::size_t> parallel_of(const models::Management& management, const std::string& model,
                                       const std::stop_token& stop) {
  const Result<ModelStatus> status = management.status(model, stop);
  if (!status || status->instance.empty() || status->config.parallel.value_or(0) < 1) return std::nullopt;
  return static_cast<std::size_t>(*status->config.parallel);
}

Result<std::optional<Error>> run_batch(const std::vector<BatchGroup>& groups, BatchWork& work,
                                       const models::Management& management, const BatchOptions& options,
                                       BatchProgress progress) {
  if (options.concurrency == 0)
    return Error(ErrorCode::invalid_argument, "the 'concurrency' of the batch is 0; it must be at least 1",
                 "1 runs one request after another");
  BatchRun run(work, management, options, progress);
  for (const BatchGroup& group : groups) {
    if (run.halted()) break;
    TACHIKOMA_TRY_STATUS(run.run(group));
  }
  return run.halted();
}

}  // namespace tachikoma::sessions
