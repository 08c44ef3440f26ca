// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "queue/redis_reply.hpp"
#include "tachikoma/batch_queue.hpp"

namespace tachikoma::queue {

/// A member of a list that a script returned: empty, or 0, where it is missing.
std::string text_at(const RedisReply& list, std::size_t at);
std::int64_t integer_at(const RedisReply& list, std::size_t at);

/// Reads what status.lua returns.
QueueStatus read_status(const std::string& name, const RedisReply& reply);

}  // namespace tachikoma::queue
