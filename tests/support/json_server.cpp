// SPDX-License-Identifier: MIT
#include "support/json_server.hpp"

#include <utility>

namespace tachikoma::testing {

JsonServer::JsonServer(std::map<std::string, JsonReply> replies)
    : replies_(std::move(replies)), server_([this](Peer& peer, int) { serve(peer); }) {}

void JsonServer::serve(Peer& peer) {
  for (std::string request = peer.read_request(); !request.empty(); request = peer.read_request()) {
    const std::size_t start = request.find(' ') + 1;
    const std::string path = request.substr(start, request.find(' ', start) - start);
    {
      const std::lock_guard lock(mutex_);
      paths_.push_back(path);
      bodies_[path] = request.substr(request.find("\r\n\r\n") + 4);
    }
    const auto found = replies_.find(path);
    const bool greets = found == replies_.end() && path == "/lmstudio-greeting";
    const JsonReply reply =
        greets ? JsonReply{R"({"lmstudio":true})"}
        : found != replies_.end()
            ? found->second
            : JsonReply{R"({"error":"Unexpected endpoint or method. (GET )" + path + ")\"}"};
    // one connection is served at a time: the one that greets must not keep others waiting
    peer.send("HTTP/1.1 " + reply.status + "\r\nContent-Type: application/json\r\n" +
              (greets ? "Connection: close\r\n" : "") +
              "Content-Length: " + std::to_string(reply.body.size()) + "\r\n\r\n" + reply.body);
    if (greets) return;
  }
}

std::vector<std::string> JsonServer::paths() const {
  const std::lock_guard lock(mutex_);
  return paths_;
}

std::string JsonServer::last_body(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = bodies_.find(path);
  return found == bodies_.end() ? "" : found->second;
}

}  // namespace tachikoma::testing
