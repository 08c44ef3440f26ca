// SPDX-License-Identifier: MIT
#include "queue/worker.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <unistd.h>
#include <utility>

#include "base/json.hpp"
#include "base/try.hpp"
#include "queue/line_slots.hpp"
#include "sessions/batch_answer.hpp"

namespace tachikoma::queue {
namespace {

// How many signs of life a worker gives in the time after which it is dead: four may be late.
constexpr int kSignsOfLife = 5;

// A fault of the worker, not of the line: another one may have its answer.
bool is_of_worker(ErrorCode code) {
  static constexpr std::array kFaults{ErrorCode::unreachable,         ErrorCode::unauthenticated,
                                      ErrorCode::forbidden,           ErrorCode::model_not_found,
                                      ErrorCode::insufficient_memory, ErrorCode::overloaded,
                                      ErrorCode::plugin_refused,      ErrorCode::plugin_fault,
                                      ErrorCode::config_invalid,      ErrorCode::model_lost};
  return std::ranges::find(kFaults, code) != kFaults.end();
}

/// Which models a worker may take lines for.
class UsableModels {
 public:
  UsableModels(const ModelRegistry::Impl& registry, const std::stop_token& stop)
      : registry_(registry), stop_(stop) {}

  bool has(const std::string& model) {
    Known& known = known_[model];
    const auto now = WaitClock::now();
    if (now >= known.until) {
      known.is_there = static_cast<bool>(registry_.resolve(model, stop_));
      known.until = now + kModelsKnownFor;
    }
    return known.is_there && now >= known.rests_until;
  }
  void failed(const std::string& model) {
    Known& known = known_[model];
    if (WaitClock::now() < known.rests_until) return;  // one of several that failed with it
    known.rest = std::clamp<std::chrono::seconds>(known.rest * 2, kFirstRest, kLastRest);
    known.rests_until = WaitClock::now() + known.rest;
  }
  void answered(const std::string& model) { known_[model].rest = std::chrono::seconds(0); }

 private:
  struct Known {
    bool is_there = false;
    WaitClock::time_point until{}, rests_until{};
    std::chrono::seconds rest{0};
  };

  const ModelRegistry::Impl& registry_;
  const std::stop_token& stop_;
  std::map<std::string, Known> known_;
};

class Worker {
 public:
  Worker(const sessions::BatchParts& parts, const QueueAddress& address, const std::string& name,
         const BatchWorkerOptions& options)
      : parts_(parts),
        address_(address),
        name_(name),
        options_(options),
        rules_{options.dead_after, options.attempts},
        troubles_(options.on_trouble),
        usable_(parts.parts.registry, options.stop),
        slots_(parts),
        on_stop_(options.stop, [this] { slots_.wake(); }) {}

  Result<BatchWorkerReport> run() {
    TACHIKOMA_TRY_STATUS(connect(true));
    while (!options_.stop.stop_requested()) {
      if (!broker_) TACHIKOMA_TRY_STATUS(connect(false));
      if (broker_) keep_if(step());
      receive(due());
    }
    slots_.cancel();
    while (slots_.size() > 0) receive(WaitClock::now() + kLookAgain);
    if (!broker_ && !finished_.empty())
      (void)connect(false);  // once: others take over what is not given back
    if (broker_) keep_if(settle());
    return report_;
  }

 private:
  // What refuses us at first is told; what is not there is waited for.
  Status connect(bool is_first) {
    Result<Broker> broker = Broker::connect(address_);
    if (broker) {
      broker_ = *std::move(broker);
      return Done{};
    }
    if (is_first && broker.error().code != ErrorCode::unreachable &&
        broker.error().code != ErrorCode::overloaded)
      return std::move(broker).error();
    lose_broker(broker.error());
    return Done{};
  }

  void keep_if(const Status& done) {
    if (!done) return lose_broker(done.error());
    troubles_.passed();
    retries_.reset();
  }

  void lose_broker(const Error& why) {
    broker_.reset();
    troubles_.met(why);
    retry_at_ = WaitClock::now() + retries_.next();
  }

  WaitClock::time_point due() const {
    if (!broker_) return retry_at_;
    const auto next_look = WaitClock::now() + kLookAgain;
    return is_full() ? sign_at_ : std::min(sign_at_, next_look);
  }

  void receive(WaitClock::time_point until) {
    do {
      for (FinishedLine& each : slots_.take_finished(until)) finished_.push_back(std::move(each));
    } while (!broker_ && WaitClock::now() < until && !options_.stop.stop_requested());
  }

  bool is_full() const { return slots_.size() + finished_.size() >= limit_; }

  Status step() {
    TACHIKOMA_TRY_STATUS(settle());
    TACHIKOMA_TRY_STATUS(show_life());
    return is_full() ? Status(Done{}) : take_lines();
  }

  // Records what has ended, or gives it back.
  Status settle() {
    for (; !finished_.empty(); finished_.pop_front()) {
      const FinishedLine& each = finished_.front();
      if (each.outcome)
        TACHIKOMA_TRY_STATUS(record(each.line, *each.outcome, true));
      else
        TACHIKOMA_TRY_STATUS(settle_failure(each));
    }
    return Done{};
  }

  Status settle_failure(const FinishedLine& each) {
    const Error& error = each.outcome.error();
    const bool is_stopped = error.code == ErrorCode::cancelled;
    if (!is_stopped && !is_of_worker(error.code))
      return record(each.line, sessions::batch_failure(each.line.request, each.line.custom_id, error), false);
    if (!each.is_ours) return Done{};
    TACHIKOMA_TRY_STATUS(broker_->give_back(
        name_, model_, each.line, is_stopped ? "" : std::string(to_string(error.code)) + ": " + error.message,
        rules_));
    ++report_.given_back;
    if (!is_stopped) usable_.failed(model_);
    return Done{};
  }

  Status record(const TakenLine& line, const Value& result, bool succeeded) {
    TACHIKOMA_TRY(const bool is_first,
                  broker_->record(name_, model_, line, succeeded, base::to_json(result)));
    if (succeeded) usable_.answered(model_);
    if (!is_first) return Done{};
    ++report_.answered;
    if (!succeeded) ++report_.failed;
    return Done{};
  }

  Status show_life() {
    if (WaitClock::now() < sign_at_) return Done{};
    TACHIKOMA_TRY(const std::vector<std::string> lost, broker_->alive(name_, model_, slots_.ids()));
    for (const std::string& id : lost) slots_.lose(id);
    sign_at_ = WaitClock::now() + options_.dead_after / kSignsOfLife;
    return Done{};
  }

  // One model at a time: another is begun when nothing runs any more.
  Status take_lines() {
    if (slots_.size() > 0) {
      if (!limit_is_known_) learn_limit();
      return usable_.has(model_) ? take(model_) : Status(Done{});
    }
    TACHIKOMA_TRY(QueueStatus status, broker_->status());
    if (!status.exists || status.paused) return Done{};
    std::ranges::stable_sort(status.waiting, [this](const auto& one, const auto& other) {
      if ((one.lines > 0) != (other.lines > 0)) return one.lines > 0;
      if ((one.model == model_) != (other.model == model_)) return one.model == model_;
      return one.lines > other.lines;
    });
    for (const QueueStatus::Waiting& each : status.waiting) {
      if (!usable_.has(each.model)) continue;
      TACHIKOMA_TRY_STATUS(take(each.model));
      if (slots_.size() > 0) break;
    }
    return Done{};
  }

  Status take(const std::string& model) {
    if (model != model_) {
      model_ = model;
      learn_limit();
    }
    const std::size_t used = slots_.size() + finished_.size();
    if (used >= limit_) return Done{};
    TACHIKOMA_TRY(Broker::Taken taken, broker_->take(name_, model, limit_ - used, rules_));
    if (slots_.size() == 0 && !taken.lines.empty())
      sign_at_ = WaitClock::now() + options_.dead_after / kSignsOfLife;
    for (TakenLine& line : taken.lines) slots_.start(std::move(line), model);
    return Done{};
  }

  // Known when the model is in memory.
  void learn_limit() {
    std::optional<std::size_t> limit = options_.concurrency;
    if (!limit) limit = sessions::parallel_of(parts_.management, model_, options_.stop);
    limit_is_known_ = limit.has_value();
    limit_ = limit.value_or(BatchOptions::kDefaultConcurrency);
  }

  const sessions::BatchParts& parts_;
  const QueueAddress& address_;
  const std::string& name_;
  const BatchWorkerOptions& options_;
  const Broker::Rules rules_;
  std::optional<Broker> broker_;  // nothing: it is lost, and tried again at `retry_at_`
  Retries retries_;
  WaitClock::time_point retry_at_{};
  WaitClock::time_point sign_at_{};  // when the next sign of life is due
  Troubles<QueueTroubleCallback> troubles_;
  UsableModels usable_;
  std::string model_;  // whose lines run
  std::size_t limit_ = 1;
  bool limit_is_known_ = false;
  std::deque<FinishedLine> finished_;  // not settled yet; they outlive a lost server
  BatchWorkerReport report_;
  LineSlots slots_;
  const std::stop_callback<std::function<void()>> on_stop_;
};

}  // namespace

std::string new_worker_name() {
  std::array<char, 256> machine{};
  if (::gethostname(machine.data(), machine.size() - 1) != 0) machine[0] = '\0';
  std::string digits = std::to_string(std::random_device()() % 10000);
  digits.insert(0, 4 - digits.size(), '0');
  return std::string(machine[0] ? machine.data() : "localhost") + "-" + std::to_string(::getpid()) + "-" +
         digits;
}

Result<BatchWorkerReport> work(const sessions::BatchParts& parts, const QueueAddress& address,
                               const std::string& name, const BatchWorkerOptions& options) {
  if (options.concurrency == 0)
    return Error(ErrorCode::invalid_argument, "the 'concurrency' of the worker is 0; it must be at least 1",
                 "1 answers one line after another");
  if (options.attempts == 0 || options.dead_after < std::chrono::milliseconds(kSignsOfLife))
    return Error(ErrorCode::invalid_argument,
                 "a worker needs 1 attempt, and 5 ms for 'dead_after', at least");
  return Worker(parts, address, name, options).run();
}

}  // namespace tachikoma::queue
