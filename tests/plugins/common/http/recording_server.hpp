// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "support/loopback_server.hpp"

namespace tachikoma::testing {

/// A server that answers each request as the test says, and records it. Thread-safe.
class RecordingServer {
 public:
  /// The answer to a request, which is the `number`th, from 0.
  using Answer = std::function<std::string(const std::string& request, std::size_t number)>;

  explicit RecordingServer(Answer answer)
      : server_([this, answer = std::move(answer)](Peer& peer, int) {
          for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
            std::size_t number = 0;
            {
              const std::lock_guard lock(mutex_);
              number = requests_.size();
              requests_.push_back(request);
            }
            peer.send(answer(request, number));
          }
        }) {}

  std::string url() const { return server_.url(); }
  std::vector<std::string> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::vector<std::string> requests_;
  LoopbackServer server_;  // the last member: its thread uses the others
};

}  // namespace tachikoma::testing
