// SPDX-License-Identifier: MIT
#include "monitors/monitor_hub.hpp"

#include <utility>

namespace tachikoma {

MonitorHub::MonitorHub(LogCallback log) : log_(std::move(log)) {}
MonitorHub::~MonitorHub() = default;

void MonitorHub::add(std::string id, std::shared_ptr<Monitor> monitor) {
  queues_.push_back(std::make_unique<monitors::MonitorQueue>(std::move(id), std::move(monitor), log_));
}

void MonitorHub::publish(const monitors::Moment& moment) {
  for (const auto& queue : queues_) queue->push(moment);
}

void MonitorHub::flush() {
  for (const auto& queue : queues_) queue->flush();
}

}  // namespace tachikoma
