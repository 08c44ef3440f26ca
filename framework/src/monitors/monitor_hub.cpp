// SPDX-License-Identifier: MIT
#include "monitors/monitor_hub.hpp"

#include <utility>

namespace tachikoma {

MonitorHub::MonitorHub(LogCallback log) : log_(std::move(log)) {}
MonitorHub::~MonitorHub() = default;

void MonitorHub::add(std::string id, std::shared_ptr<Monitor> monitor) {
  queues_.push_back(std::make_shared<monitors::MonitorQueue>(std::move(id), std::move(monitor), log_));
}

void MonitorHub::share(std::string_view id, const MonitorHub& other) {
  for (const auto& queue : other.queues_)
    if (queue->id() == id) queues_.push_back(queue);
}

void MonitorHub::publish(const monitors::Moment& moment) {
  for (const auto& queue : queues_) queue->push(moment);
}

void MonitorHub::flush() {
  for (const auto& queue : queues_) queue->flush();
}

}  // namespace tachikoma
