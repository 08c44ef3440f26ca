// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cache/answer_store.hpp"
#include "cache/recorded_answer.hpp"
#include "models/model_chain.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma::cache {

/// Whether any answer of the configuration's models is cached.
bool is_used(const Config& config);

/// The response cache as one configuration has it: whose answers are cached, and where. Thread-safe.
class ResponseCache {
 public:
  /// Both must outlive it.
  ResponseCache(const Config& config, AnswerStore& store);

  /// Whether the model's answers are cached.
  bool holds(const ResolvedModel& model) const;
  /// Says which provider it is, and what of its configuration may change an answer; no secrets.
  std::string_view provider(const std::string& id) const;
  bool replays_timing() const { return config_.cache.replay_timing; }

  /// Both block for the time of the disk.
  std::optional<RecordedAnswer> find(std::string_view request) const;
  void keep(std::string_view request, std::string_view record) const { store_.keep(request, record); }

 private:
  const Config& config_;
  AnswerStore& store_;
  std::map<std::string, std::string, std::less<>> providers_;
  std::map<std::string, bool, std::less<>> aliases_;  // those that say whether theirs are cached
};

}  // namespace tachikoma::cache
