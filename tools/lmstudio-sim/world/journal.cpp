// SPDX-License-Identifier: MIT
#include "world/journal.hpp"

#include <algorithm>

namespace lmstudio_sim {

namespace {

constexpr std::size_t kKept = 200;

}  // namespace

Journal::Id Journal::begin(std::string_view method, std::string_view path, JsonValue headers,
                           JsonValue body) {
  const std::lock_guard lock(mutex_);
  Entry entry;
  entry.id = next_++;
  entry.method = method;
  entry.path = path;
  entry.headers = std::move(headers);
  entry.body = std::move(body);
  entries_.push_back(std::move(entry));
  if (entries_.size() > kKept) entries_.pop_front();
  ++requests_;
  return next_ - 1;
}

// Ids are never reused: an entry that a reset or the limit has removed is not found, and its end not counted.
Journal::Entry* Journal::find(Id id) {
  const auto found =
      std::find_if(entries_.rbegin(), entries_.rend(), [id](const Entry& entry) { return entry.id == id; });
  return found == entries_.rend() ? nullptr : &*found;
}

void Journal::generates(Id id) {
  const std::lock_guard lock(mutex_);
  generating_.insert(id);
}

void Journal::count_queued(int change) {
  const std::lock_guard lock(mutex_);
  queued_ += change;
}

void Journal::tokens(Id id, std::int64_t count) {
  const std::lock_guard lock(mutex_);
  if (Entry* entry = find(id)) {
    tokens_ += count - entry->tokens_sent;
    entry->tokens_sent = count;
  }
}

void Journal::note(Id id, const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (Entry* entry = find(id)) entry->notes.push_back(text);
}

void Journal::end(Id id, int status, std::string_view outcome) {
  const std::lock_guard lock(mutex_);
  generating_.erase(id);
  Entry* entry = find(id);
  if (!entry) return;
  entry->status = status;
  entry->outcome = outcome;
  if (outcome == "completed") ++completed_;
  if (outcome == "fault") ++faults_;
  if (outcome != "stopped") return;
  ++stopped_;
  disconnects_.push_back(
      JsonValue::object({{"request", static_cast<std::int64_t>(id)}, {"tokens_sent", entry->tokens_sent}}));
}

JsonValue Journal::state() const {
  const std::lock_guard lock(mutex_);
  JsonValue requests = JsonValue::array();
  for (const Entry& entry : entries_)
    requests.push_back(JsonValue::object({{"id", static_cast<std::int64_t>(entry.id)},
                                          {"method", entry.method},
                                          {"path", entry.path},
                                          {"model", entry.body["model"]},
                                          {"status", entry.status},
                                          {"outcome", entry.outcome},
                                          {"tokens_sent", entry.tokens_sent},
                                          {"notes", entry.notes},
                                          {"headers", entry.headers},
                                          {"body", entry.body}}));
  return JsonValue::object({{"requests", std::move(requests)},
                            {"disconnects", disconnects_},
                            {"open_streams", static_cast<std::int64_t>(generating_.size())},
                            {"queued", queued_},
                            {"counters", JsonValue::object({{"requests", requests_},
                                                            {"completed", completed_},
                                                            {"stopped", stopped_},
                                                            {"faults", faults_},
                                                            {"tokens", tokens_}})}});
}

void Journal::reset() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  requests_ = completed_ = stopped_ = faults_ = tokens_ = 0;
  disconnects_ = JsonValue::array();
}

}  // namespace lmstudio_sim
