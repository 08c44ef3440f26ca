// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "support/loopback_server.hpp"

namespace tachikoma::testing {

/// What LM Studio answers to a path that it does not know.
std::string catch_all(const std::string& path);
/// A whole HTTP response.
std::string http(const std::string& status, const std::string& body,
                 const std::string& type = "application/json", const std::string& server = {});

/// Answers each path with a whole response, the others with `otherwise`, and closes.
LoopbackServer::Script answers(std::map<std::string, std::string> responses, std::string otherwise);
/// The same, and takes WebSockets, on which it says nothing.
LoopbackServer::Script silent_sockets(std::map<std::string, std::string> responses, std::string otherwise);

/// A port whose queue of connections is full: the next one is never established.
class FullPort {
 public:
  FullPort();
  ~FullPort();
  FullPort(const FullPort&) = delete;
  FullPort& operator=(const FullPort&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  std::uint16_t port_ = 0;
  std::vector<int> sockets_;
};

}  // namespace tachikoma::testing
