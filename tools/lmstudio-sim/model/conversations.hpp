// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "model/chat_request.hpp"

namespace lmstudio_sim {

/// What POST /api/v1/chat keeps for `previous_response_id`. Thread-safe.
class Conversations {
 public:
  void keep(const std::string& response_id, std::vector<ChatMessage> messages) {
    const std::lock_guard lock(mutex_);
    kept_.insert_or_assign(response_id, std::move(messages));
  }
  std::optional<std::vector<ChatMessage>> find(const std::string& response_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(response_id);
    return found == kept_.end() ? std::nullopt : std::optional(found->second);
  }
  void reset() {
    const std::lock_guard lock(mutex_);
    kept_.clear();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<ChatMessage>> kept_;  // guarded by mutex_
};

}  // namespace lmstudio_sim
