// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace tachikoma::bench {

/// What a client received in one stream: proof that both did the same work.
struct Received {
  std::int64_t chunks = 0;  ///< with content
  std::int64_t bytes = 0;   ///< of content
  friend bool operator==(const Received&, const Received&) = default;
};

/// Asks the replay server for one stream and decodes it.
class Client {
 public:
  virtual ~Client() = default;
  virtual Received stream(std::int64_t chunks) = 0;
};

}  // namespace tachikoma::bench
