// SPDX-License-Identifier: MIT
#include "monitors/monitor_hub.hpp"

#include <utility>

namespace tachikoma {

MonitorHub::MonitorHub(LogCallback log)
    : log_(std::move(log)), added_(std::make_shared<monitors::AddedMonitors>()) {}
MonitorHub::MonitorHub(LogCallback log, const MonitorHub& before)
    : log_(std::move(log)), added_(before.added_) {}
MonitorHub::~MonitorHub() = default;

void MonitorHub::add(std::string id, std::shared_ptr<Monitor> monitor) {
  queues_.push_back(std::make_shared<monitors::MonitorQueue>(std::move(id), std::move(monitor), log_));
  wants_content_ = wants_content_ || queues_.back()->wants_content();
}

void MonitorHub::share(std::string_view id, const MonitorHub& other) {
  for (const auto& queue : other.queues_) {
    if (queue->id() != id) continue;
    queues_.push_back(queue);
    wants_content_ = wants_content_ || queue->wants_content();
  }
}

void MonitorHub::publish(const monitors::Moment& moment) {
  for (const auto& queue : queues_) queue->push(moment);
  if (moment.is_last() && !added_->empty())
    for (const auto& queue : *added_->all()) queue->push(moment);
}

void MonitorHub::flush() {
  for (const auto& queue : queues_) queue->flush();
  for (const auto& queue : *added_->all()) queue->flush();
}

}  // namespace tachikoma
