// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "async/cancellation.hpp"
#include "conformance/subject.hpp"
#include "tachikoma/plugin/plugin.hpp"

namespace tachikoma::conformance {

/// How long a call may go on after it was cancelled: then the host goes on without it.
inline constexpr auto kCancelBound = std::chrono::milliseconds(700);

/// Receives what one chat call says, and remembers what was wrong with it. Thread-safe: a provider that
/// keeps to its contract does not need that. Never destroyed, for a provider that calls it afterwards.
class Listener final : public ChatSink {
 public:
  /// `on_first` is called with the first event, and says how the call goes on.
  explicit Listener(std::function<Flow()> on_first = nullptr) : on_first_(std::move(on_first)) {}

  Flow on_event(const ChatEvent& event) override;

  /// From now on the call is over.
  void close() { open_ = false; }

  std::size_t events() const { return events_; }
  std::size_t late() const { return late_; }        ///< after the call was over
  std::size_t ignored() const { return ignored_; }  ///< after it was told to stop
  bool foreign_thread() const { return foreign_; }  ///< not that of the call
  std::string bad_event() const;                    ///< what was wrong with one; empty: nothing
  bool bad_utf8() const { return bad_utf8_; }

 private:
  void judge(const ChatEvent& event);

  const std::function<Flow()> on_first_;
  const std::thread::id caller_ = std::this_thread::get_id();
  std::atomic<bool> open_ = true, stopped_ = false, foreign_ = false, bad_utf8_ = false;
  std::atomic<std::size_t> events_ = 0, late_ = 0, ignored_ = 0;
  mutable std::mutex mutex_;  // guards what follows
  std::string bad_event_;
};

/// One chat call and all that it uses, which is never destroyed. Around the request is memory that nobody
/// else uses: a provider that writes there does no harm.
struct Call {
  Call(ChatRequest asked, std::function<Flow()> on_first);

  Result<ChatOutcome> run(Provider& provider);
  /// False if something was written beside the request.
  bool is_fenced() const;

  std::array<unsigned char, 256> before;
  ChatRequest request;
  std::array<unsigned char, 256> after;
  CallCancellation cancellation = {};
  Listener listener;
  std::chrono::steady_clock::duration time{};
};

/// A new one, with this text of a user.
Call& new_call(const std::string& model, std::string text, std::function<Flow()> on_first = nullptr);

/// The name that requests are sent to: the first model that is in memory, or that is listed at all.
std::string choose_model(Provider& provider);

/// A provider, and the model that it is asked for.
struct Asked {
  Provider& provider;
  std::string model;
  std::string name;  ///< "provider 'echo'"
};

/// Judges each provider that can be made.
template <class Judge>
Verdict each_provider(const Subject& subject, const Judge& judge) {
  return each<Provider>(subject, [&](const Candidate<Provider>& candidate) -> Verdict {
    const Result<std::shared_ptr<Provider>> made = candidate.make();
    if (!made) return skip(candidate.name() + " can't be made: " + in_words(made.error()));
    const std::string model = choose_model(**made);
    calling("chat() of " + candidate.name());
    return judge(Asked{**made, model, candidate.name()});
  });
}

/// Judges each provider that answers a first question. One that can't is skipped, with its error.
template <class Judge>
Verdict each_answering(const Subject& subject, const Judge& judge) {
  return each_provider(subject, [&](const Asked& asked) -> Verdict {
    const Result<ChatOutcome> answer = new_call(asked.model, "Hello").run(asked.provider);
    if (!answer) return skip(asked.name + " does not answer: " + in_words(answer.error()));
    return judge(asked);
  });
}

}  // namespace tachikoma::conformance
