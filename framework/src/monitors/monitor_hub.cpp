// SPDX-License-Identifier: MIT
#include "monitors/monitor_hub.hpp"

#include <utility>

namespace tachikoma {

MonitorHub::MonitorHub(LogCallback log) : log_(std::move(log)) {}
MonitorHub::~MonitorHub() = default;

void MonitorHub::add(std::string id, std::shared_ptr<Monitor> monitor) {
  queues_.push_back(std::make_unique<monitors::MonitorQueue>(std::move(id), std::move(monitor), log_));
}

void MonitorHub::publish(MonitorEvent event) {
  const auto shared = std::make_shared<const MonitorEvent>(std::move(event));
  for (const auto& queue : queues_) queue->push(shared);
}

void MonitorHub::flush() {
  for (const auto& queue : queues_) queue->flush();
}

}  // namespace tachikoma
