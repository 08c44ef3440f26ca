// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "common/http/http_response.hpp"
#include "common/net/connection.hpp"

namespace tachikoma::kit {

/// The idle connections to one server. The most recently used one is taken first:
/// it is the one that the server closes last. [thread-safe]
class ConnectionPool {
 public:
  /// An idle connection that the server has not closed and is not about to close; null if there is none. No
  /// loop watches it, but the one of `epoll` if it did before.
  std::unique_ptr<Connection> take(const std::shared_ptr<const Socket>& epoll = nullptr);
  /// Keeps a connection whose response has ended, if the server keeps it too.
  void keep(std::unique_ptr<Connection> connection, const HttpResponseParser& response);

 private:
  std::mutex mutex_;                               // guards what follows
  CallScope::Clock::time_point next_look_{};       // whether the server closed the least recently used one
  std::vector<std::unique_ptr<Connection>> idle_;  // in order of last use, the most recent last
};

}  // namespace tachikoma::kit
