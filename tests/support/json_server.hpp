// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "support/loopback_server.hpp"

namespace tachikoma::testing {

/// The answer for a path.
struct JsonReply {
  std::string body;
  std::string status = "200 OK";
};

/// A server with a fixed answer for each path, which records the requests. Other paths get
/// LM Studio's answer: its greeting, or that to an unknown path, which is a failure with status 200.
class JsonServer {
 public:
  explicit JsonServer(std::map<std::string, JsonReply> replies);

  std::string url() const { return server_.url(); }
  /// The requested paths so far, in order.
  std::vector<std::string> paths() const;
  /// The body of the last request to `path`; empty when there was none.
  std::string last_body(const std::string& path) const;

 private:
  void serve(Peer& peer);

  std::map<std::string, JsonReply> replies_;
  mutable std::mutex mutex_;  // paths_, bodies_
  std::vector<std::string> paths_;
  std::map<std::string, std::string> bodies_;
  LoopbackServer server_;  // the last member: its thread uses the others
};

}  // namespace tachikoma::testing
