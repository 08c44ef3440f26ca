// SPDX-License-Identifier: MIT
#include "tachikoma/usage_monitor.hpp"

#include <utility>

#include "api/runtime_parts.hpp"
#include "monitors/usage_collector.hpp"
#include "tachikoma/runtime.hpp"

namespace tachikoma {

struct UsageMonitor::Impl {
  explicit Impl(const MonitorHub& hub)
      : added(hub.added()),
        collector(std::make_shared<monitors::UsageCollector>(hub.log())),
        queue(std::make_shared<monitors::MonitorQueue>("usage", collector, hub.log())) {
    added->add(queue);
  }
  ~Impl() {
    added->remove(queue);
    queue->end();
    collector->set_callback({});
  }

  const std::shared_ptr<monitors::AddedMonitors> added;  // of all configurations of the runtime
  const std::shared_ptr<monitors::UsageCollector> collector;
  const std::shared_ptr<monitors::MonitorQueue> queue;
};

UsageMonitor::UsageMonitor(const Runtime& runtime)
    : impl_(std::make_unique<Impl>(runtime.parts_->configured()->monitors)) {}
UsageMonitor::UsageMonitor(UsageMonitor&&) noexcept = default;
UsageMonitor& UsageMonitor::operator=(UsageMonitor&&) noexcept = default;
UsageMonitor::~UsageMonitor() = default;

void UsageMonitor::on_generation(UsageCallback callback) {
  impl_->collector->set_callback(std::move(callback));
}

UsageStatistics UsageMonitor::statistics() const {
  UsageStatistics statistics = impl_->collector->statistics();
  statistics.missed = impl_->queue->missed();
  return statistics;
}

void UsageMonitor::flush() { impl_->queue->flush(); }

}  // namespace tachikoma
