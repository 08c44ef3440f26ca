// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::testing {

/// A cancellation that the test requests. [thread-safe]
class TestCancellation final : public Cancellation {
 public:
  /// Cancels, and runs the callbacks on this thread. Once is enough.
  void request() {
    const std::lock_guard lock(mutex_);
    requested_ = true;
    for (const auto& [id, subscriber] : std::exchange(subscribers_, {})) subscriber.first(subscriber.second);
  }
  bool requested() const override {
    const std::lock_guard lock(mutex_);
    return requested_;
  }
  std::uint64_t subscribe(Callback callback, void* user) override {
    const std::lock_guard lock(mutex_);
    if (requested_)
      callback(user);
    else
      subscribers_.emplace(++last_id_, std::pair(callback, user));
    return last_id_;
  }
  void unsubscribe(std::uint64_t id) override {
    const std::lock_guard lock(mutex_);
    subscribers_.erase(id);
  }

 private:
  mutable std::recursive_mutex mutex_;  // guards what follows; a callback may ask
  bool requested_ = false;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, std::pair<Callback, void*>> subscribers_;
};

/// Records what a provider passes on. It is called on one thread, as a sink is.
class RecordingSink final : public ChatSink {
 public:
  Flow on_event(const ChatEvent& event) override {
    if (event.kind == ChatEvent::Kind::notice) notices.append(event.text).append("\n");
    if (event.kind != ChatEvent::Kind::delta) return Flow::proceed;
    (event.channel == Channel::final ? text : reasoning) += event.text;
    return ++deltas == stop_after ? Flow::stop : Flow::proceed;
  }

  std::string text;            ///< of the channel `final`
  std::string reasoning;       ///< of the others
  std::string notices;         ///< a line each
  std::size_t deltas = 0;      ///< how many there were
  std::size_t stop_after = 0;  ///< the delta that is answered with `stop`; 0: none is
};

}  // namespace tachikoma::testing
