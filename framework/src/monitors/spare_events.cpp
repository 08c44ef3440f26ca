// SPDX-License-Identifier: MIT
#include "monitors/spare_events.hpp"

#include <utility>

namespace tachikoma::monitors {
namespace {

constexpr std::size_t kMostSpare = 64;

template <class T>
void forget(Sourced<T>& sourced) {
  const Sourced<T> fresh;
  sourced.value = fresh.value;
  sourced.source = fresh.source;
  sourced.basis.clear();
}

template <class T>
void forget_all(std::vector<T>& list) {
  if (!list.empty()) list = std::vector<T>();
}

// Makes it as new. Its short texts keep their memory; nothing else does, as what was said may be long. Does
// not compile without a new member.
void forget(MonitorEvent& event) {
  auto& [kind, time, request_id, provider, model, elapsed, served_model, server, queue_time, load_time,
         displaced, steps, retries, fallbacks, tool_uses, cached, error, time_to_first_token, decode_time,
         tokens_per_second, prompt_tokens_per_second, usage, finish, extra, asked, answered] = event;
  if (std::exchange(kind, MonitorEvent::Kind::started) == MonitorEvent::Kind::failed) error = Error();
  for (std::string* const text : {&request_id, &provider, &model, &served_model, &server}) text->clear();
  time = {};
  elapsed = queue_time = load_time = decode_time = {};
  steps = 1;
  retries = fallbacks = 0;
  cached = false;
  usage = {};
  finish = Finish::unknown;
  if (!extra.is_null()) extra = Value();
  forget(time_to_first_token);
  forget(tokens_per_second);
  forget(prompt_tokens_per_second);
  forget_all(displaced);
  forget_all(tool_uses);
  forget_all(asked);
  forget_all(answered);
}

}  // namespace

std::shared_ptr<MonitorEvent> SpareEvents::take() {
  std::unique_ptr<MonitorEvent> event = take_spare();
  if (!event) event = std::make_unique<MonitorEvent>();
  return {event.release(), GiveBack{shared_from_this()}};
}

std::unique_ptr<MonitorEvent> SpareEvents::take_spare() {
  const std::lock_guard lock(mutex_);
  if (spare_.empty()) return nullptr;
  std::unique_ptr<MonitorEvent> event = std::move(spare_.back());
  spare_.pop_back();
  return event;
}

void SpareEvents::keep(std::unique_ptr<MonitorEvent> event) {
  forget(*event);
  const std::lock_guard lock(mutex_);
  if (spare_.size() < kMostSpare) spare_.push_back(std::move(event));
}

}  // namespace tachikoma::monitors
