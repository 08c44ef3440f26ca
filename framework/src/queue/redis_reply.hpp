// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tachikoma::queue {

/// What a Redis server replies to a command.
struct RedisReply {
  enum class Kind : std::uint8_t { nil, integer, text, list, error };

  Kind kind = Kind::nil;
  std::int64_t integer = 0;
  std::string text = {};  ///< of an error too
  std::vector<RedisReply> list = {};

  bool is_error() const { return kind == Kind::error; }
};

}  // namespace tachikoma::queue
