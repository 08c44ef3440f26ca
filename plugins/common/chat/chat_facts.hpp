// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "common/chat/chunk_readers.hpp"
#include "common/chat/served_model.hpp"
#include "common/errors/server_error.hpp"
#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::kit {

/// What the parser of a chat reply needs to know about the request.
struct ChatFacts {
  RequestFacts request;                ///< for error messages
  const ChatRequest* chat = nullptr;   ///< its tools and messages
  ServedModelJudge judge_served = {};  ///< for the model that the reply names
  ChunkReaders* readers = nullptr;     ///< shared with other replies; null: it has its own

  std::span<const ToolSpec> tools() const {
    return chat ? std::span(chat->tools) : std::span<const ToolSpec>();
  }
  std::span<const Message> history() const {
    return chat ? std::span(chat->messages) : std::span<const Message>();
  }
};

}  // namespace tachikoma::kit
