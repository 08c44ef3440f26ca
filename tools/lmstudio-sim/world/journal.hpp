// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "http/json_value.hpp"

namespace lmstudio_sim {

/// Records requests for the control route. Thread-safe.
class Journal {
 public:
  using Id = std::uint64_t;

  /// A request arrived. `headers` is an object, `body` the parsed body or null.
  Id begin(std::string_view method, std::string_view path, JsonValue headers, JsonValue body);
  /// The request starts generating: it counts as an open stream until its end.
  void generates(Id id);
  /// Counts a request as queued while the object lives.
  class Queued {
   public:
    explicit Queued(Journal& journal) : journal_(journal) { journal_.count_queued(1); }
    ~Queued() { journal_.count_queued(-1); }
    Queued(const Queued&) = delete;
    Queued& operator=(const Queued&) = delete;

   private:
    Journal& journal_;
  };
  /// Sets the number of tokens generated so far.
  void tokens(Id id, std::int64_t count);
  /// Adds a note, such as what LM Studio would log.
  void note(Id id, const std::string& text);
  /// The request is over. `outcome`: completed, stopped (the client left) or fault.
  void end(Id id, int status, std::string_view outcome);
  /// The journal as `GET /__sim/state` shows it.
  JsonValue state() const;
  void reset();

 private:
  struct Entry {
    Id id = 0;
    std::string method, path;
    JsonValue headers, body;
    int status = 0;
    std::int64_t tokens_sent = 0;
    std::string outcome = "running";
    JsonValue notes = JsonValue::array();
  };
  Entry* find(Id id);
  void count_queued(int change);

  mutable std::mutex mutex_;
  std::deque<Entry> entries_;  // the latest; all members below mutex_ are guarded by it
  Id next_ = 1;
  std::int64_t requests_ = 0, completed_ = 0, stopped_ = 0, faults_ = 0, tokens_ = 0, queued_ = 0;
  std::set<Id> generating_;
  JsonValue disconnects_ = JsonValue::array();
};

}  // namespace lmstudio_sim
