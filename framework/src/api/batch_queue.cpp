// SPDX-License-Identifier: MIT
#include "tachikoma/batch_queue.hpp"

#include <cstdint>
#include <utility>

#include "base/lists.hpp"
#include "base/try.hpp"
#include "queue/feeder.hpp"

namespace tachikoma {
namespace {

double seconds_of(std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); }

Value count_of(std::size_t number) { return static_cast<std::int64_t>(number); }

Value waiting_form(const QueueStatus::Waiting& each) {
  return Value::object({{"model", each.model}, {"lines", count_of(each.lines)}});
}

Value in_work_form(const QueueStatus::InWork& each) {
  return Value::object({{"request", count_of(each.request)},
                        {"worker", each.worker},
                        {"model", each.model},
                        {"seconds", seconds_of(each.time)}});
}

Value worker_form(const QueueStatus::Worker& each) {
  return Value::object({{"name", each.name}, {"seen_seconds_ago", seconds_of(each.seen)}});
}

}  // namespace

class BatchQueue::Impl {
 public:
  explicit Impl(queue::QueueAddress of) : address(std::move(of)) {}

  Status set_state(const std::string& state) const {
    TACHIKOMA_TRY(queue::Broker broker, queue::Broker::connect(address));
    TACHIKOMA_TRY(const bool is_there, broker.set_state(state));
    if (is_there) return Done{};
    return Error(ErrorCode::invalid_argument,
                 "the queue '" + address.server() + "' has no batch '" + address.name + "'",
                 "it has ended, or was never begun");
  }

  const queue::QueueAddress address;
};

Result<BatchQueue> BatchQueue::open(std::string_view url) {
  TACHIKOMA_TRY(queue::QueueAddress address, queue::parse_queue_url(url));
  return BatchQueue(std::make_shared<const Impl>(std::move(address)));
}

Result<BatchReport> BatchQueue::run(const BatchFiles& files, const BatchOptions& options,
                                    const QueueTroubleCallback& on_trouble) const {
  return queue::feed_and_collect(impl_->address, files, options, on_trouble);
}

Result<QueueStatus> BatchQueue::status() const {
  TACHIKOMA_TRY(queue::Broker broker, queue::Broker::connect(impl_->address));
  return broker.status();
}

Status BatchQueue::pause() const { return impl_->set_state("paused"); }

Status BatchQueue::resume() const { return impl_->set_state("running"); }

Result<bool> BatchQueue::cancel() const {
  TACHIKOMA_TRY(queue::Broker broker, queue::Broker::connect(impl_->address));
  return broker.finish();
}

std::string BatchQueue::address() const { return impl_->address.shown(); }

Value to_value(const QueueStatus& status) {
  if (!status.exists) return Value::object({{"name", status.name}, {"exists", false}});
  const double speed =
      status.age.count() > 0 ? static_cast<double>(status.done) / seconds_of(status.age) : 0.0;
  const double left = static_cast<double>(status.total - status.done);
  return Value::object({{"name", status.name},
                        {"exists", true},
                        {"state", status.paused ? "paused" : "running"},
                        {"total", count_of(status.total)},
                        {"done", count_of(status.done)},
                        {"uncollected", count_of(status.uncollected)},
                        {"waiting", base::array_of(status.waiting, waiting_form)},
                        {"in_work", base::array_of(status.in_work, in_work_form)},
                        {"workers", base::array_of(status.workers, worker_form)},
                        {"seconds", seconds_of(status.age)},
                        {"lines_per_second", speed},
                        {"seconds_left", speed > 0 ? Value(left / speed) : Value()},
                        {"results_to", status.results_to},
                        {"feeder_seen_seconds_ago", seconds_of(status.feeder_seen)}});
}

}  // namespace tachikoma
