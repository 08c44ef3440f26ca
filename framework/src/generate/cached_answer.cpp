// SPDX-License-Identifier: MIT
#include "generate/cached_answer.hpp"

#include <new>

namespace tachikoma::generate {

std::unique_ptr<CachedAnswer> CachedAnswer::make(const cache::ResponseCache* cache, CacheUse use) {
  if (!cache || use == CacheUse::bypass) return nullptr;
  return std::unique_ptr<CachedAnswer>(new CachedAnswer(*cache, use));
}

bool CachedAnswer::begin(const cache::FirstRequest& request, const ResolvedModel& model) {
  record_.clear();
  request_ = cache_.holds(model) ? cache::text_of(request) : std::string();
  return !request_.empty() && use_ == CacheUse::use;
}

ChatSink& CachedAnswer::recorded(ChatSink& sink) {
  record_.clear();
  records_ = !request_.empty();
  if (!records_) return sink;
  recorder_.begin();
  sink_ = &sink;
  return *this;
}

Flow CachedAnswer::on_event(const ChatEvent& event) {
  try {
    if (records_) recorder_.note(event);
  } catch (const std::bad_alloc&) {  // the answer itself may still fit
    records_ = false;
  }
  return sink_->on_event(event);
}

void CachedAnswer::note_end(const ChatOutcome& outcome) {
  if (records_) record_ = recorder_.end(outcome);
}

bool is_answer(const Reply& reply) {
  const bool ended =
      reply.finish == Finish::stop || reply.finish == Finish::length || reply.finish == Finish::tool_calls;
  const bool says_something = !reply.text.empty() || !reply.tool_calls.empty();
  return ended && says_something;
}

}  // namespace tachikoma::generate
