// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cache/recorded_answer.hpp"
#include "cache/request_text.hpp"
#include "cache/response_cache.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/plugin/stream.hpp"

namespace tachikoma::generate {

/// The answer of one generation, as far as the response cache is concerned: it is looked up before a model is
/// asked; else what the model says is recorded, and kept if it turns out to be an answer.
class CachedAnswer final : private ChatSink {
 public:
  /// Null if nothing is to be done. `cache` must outlive it, and may be null.
  static std::unique_ptr<CachedAnswer> make(const cache::ResponseCache* cache, CacheUse use);

  /// A model is about to be asked this. False: its answer is not looked up.
  bool begin(const cache::FirstRequest& request, const ResolvedModel& model);
  /// Blocks for the time of the disk, as `keep` does.
  std::optional<cache::RecordedAnswer> find() const { return cache_.find(request_); }
  /// Records what passes on to `sink`, which must outlive the call.
  ChatSink& recorded(ChatSink& sink);
  /// The call has ended.
  void note_end(const ChatOutcome& outcome);
  /// Whether there is something to keep.
  bool is_recorded() const { return !record_.empty(); }
  void keep() const { cache_.keep(request_, record_); }

 private:
  CachedAnswer(const cache::ResponseCache& cache, CacheUse use) : cache_(cache), use_(use) {}
  Flow on_event(const ChatEvent& event) override;
  void on_pause() override { sink_->on_pause(); }

  const cache::ResponseCache& cache_;
  const CacheUse use_;
  std::string request_;  // empty: answers of the model are not cached
  cache::AnswerRecorder recorder_;
  bool records_ = false;
  ChatSink* sink_ = nullptr;
  std::string record_;
};

/// Whether it is a whole answer, as the model gives it to such a request: not one that was cut off, nor an
/// empty one. One that reached its limit of tokens is: so it was asked for.
bool is_answer(const Reply& reply);

}  // namespace tachikoma::generate
