// SPDX-License-Identifier: MIT
#include "monitors/monitor_queue.hpp"

#include <unistd.h>
#include <utility>

namespace tachikoma::monitors {
namespace {

constexpr std::size_t kQueueLimit = 1024;

// An event that comes this soon after others waits for so long: to wake the thread for each event of many
// short generations would cost them more than all that is done for it.
constexpr std::chrono::milliseconds kLinger{5};
constexpr std::size_t kMany = kQueueLimit / 4;  // these don't wait

}  // namespace

MonitorQueue::MonitorQueue(std::string id, std::shared_ptr<Monitor> monitor, LogCallback log)
    : id_(std::move(id)),
      wants_content_(monitor->wants_content()),
      log_(std::move(log)),
      thread_([shared = shared_, monitor = std::move(monitor)] { run(*shared, *monitor); }) {}

MonitorQueue::~MonitorQueue() { end(); }

void MonitorQueue::end() {
  const bool leaves = runs_here();
  {
    const std::lock_guard lock(shared_->mutex);
    if (std::exchange(shared_->ending, true)) return;
    shared_->left = leaves;
    shared_->queue.emplace_back();
    ++shared_->pushed;
    shared_->changed.notify_all();
  }
  if (leaves) return;
  const bool ended = wait_until_done() && thread_.join_within(kPatience);
  report();
  if (!ended)
    log_(Severity::error, id_,
         "the monitor does not return: thread " + std::to_string(thread_.number()) + " was written off");
}

void MonitorQueue::push(const Moment& moment) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->ending) return;
  if (shared_->queue.size() >= kQueueLimit) {
    ++shared_->lost;
    return;
  }
  shared_->queue.push_back(moment);
  ++shared_->pushed;
  if (std::exchange(shared_->idle, false) || shared_->queue.size() == kMany) shared_->changed.notify_all();
}

void MonitorQueue::flush() {
  if (runs_here() || !ask_to_flush()) return;
  const bool done = wait_until_done();
  report();
  if (!done) log_(Severity::warning, id_, "the monitor does not return: its events wait");
}

// False if it ends: then that is done anyway.
bool MonitorQueue::ask_to_flush() {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->ending) return false;
  shared_->queue.emplace_back();
  ++shared_->pushed;
  shared_->changed.notify_all();
  return true;
}

// As long as it gets on, however slowly.
bool MonitorQueue::wait_until_done() {
  std::unique_lock lock(shared_->mutex);
  const std::uint64_t goal = shared_->pushed;
  ++shared_->waiting;
  bool gets_on = true;
  while (gets_on && !shared_->left && shared_->done < goal) {
    const std::uint64_t before = shared_->done;
    gets_on =
        shared_->changed.wait_for(lock, kPatience, [&] { return shared_->left || shared_->done > before; });
  }
  --shared_->waiting;
  return gets_on;
}

void MonitorQueue::report() {
  std::uint64_t lost = 0;
  Status flushed = Done{};
  {
    const std::lock_guard lock(shared_->mutex);
    lost = shared_->lost - std::exchange(shared_->reported, shared_->lost);
    flushed = std::exchange(shared_->flushed, Status(Done{}));
  }
  if (lost)
    log_(Severity::warning, id_, "the monitor is too slow: it missed " + std::to_string(lost) + " events");
  if (!flushed) log_(Severity::warning, id_, "the monitor could not flush: " + flushed.error().message);
}

std::uint64_t MonitorQueue::missed() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->lost;
}

bool MonitorQueue::runs_here() const { return thread_.number() == ::gettid(); }

void MonitorQueue::wait_for_work(Shared& shared, std::unique_lock<std::mutex>& lock) {
  if (shared.queue.empty() && !shared.ending) shared.changed.wait_for(lock, kLinger);
  shared.changed.wait(lock, [&] { return !(shared.idle = !shared.ending && shared.queue.empty()); });
}

void MonitorQueue::run(Shared& shared, Monitor& monitor) {
  std::shared_ptr<const MonitorEvent> known;  // the one that `early` is filled from
  MonitorEvent early;
  std::unique_lock lock(shared.mutex);
  for (;;) {
    wait_for_work(shared, lock);
    if (shared.queue.empty() || shared.left) return;
    {
      Moment moment = std::move(shared.queue.front());
      shared.queue.pop_front();
      lock.unlock();
      Status flushed = Done{};
      if (!moment.event) {
        flushed = monitor.flush();
      } else if (moment.is_last()) {
        monitor.on_event(*moment.event);  // the guard catches and logs what it throws
      } else {
        if (known != moment.event) {
          known = moment.event;
          early.request_id = known->request_id;
          early.provider = known->provider;
          early.model = known->model;
        }
        early.kind = moment.kind;
        early.time = moment.time;
        early.elapsed = moment.elapsed;
        monitor.on_event(early);
      }
      moment.event.reset();  // without the lock
      lock.lock();
      if (!flushed) shared.flushed = std::move(flushed);
    }
    ++shared.done;
    if (shared.waiting > 0) shared.changed.notify_all();
  }
}

}  // namespace tachikoma::monitors
