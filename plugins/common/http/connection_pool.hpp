// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "common/http/http_response.hpp"
#include "common/net/connection.hpp"

namespace tachikoma::kit {

/// The connections to one server that wait for their next request. The one that was used last is taken first:
/// it is the one that the server closes last. [thread-safe]
class ConnectionPool {
 public:
  /// An idle connection that the server has neither closed nor is about to close; null when there is none.
  std::unique_ptr<Connection> take();
  /// Keeps a connection whose response has ended now, when the server keeps it too.
  void keep(std::unique_ptr<Connection> connection, const HttpResponseParser& response);

 private:
  std::mutex mutex_;                               // guards what follows
  std::vector<std::unique_ptr<Connection>> idle_;  // the last one was used last
};

}  // namespace tachikoma::kit
