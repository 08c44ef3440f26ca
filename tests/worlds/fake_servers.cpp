// SPDX-License-Identifier: MIT
#include "worlds/fake_servers.hpp"

#include <sstream>
#include <unistd.h>
#include <utility>

#include <Poco/Base64Encoder.h>
#include <Poco/SHA1Engine.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tachikoma::testing {
namespace {

std::string path_of(const std::string& request) {
  const std::size_t start = request.find(' ') + 1;
  return request.substr(start, request.find(' ', start) - start);
}

std::string respond(const std::map<std::string, std::string>& responses, const std::string& otherwise,
                    const std::string& request) {
  const auto found = responses.find(path_of(request));
  return found == responses.end() ? otherwise : found->second;
}

std::string header_of(const std::string& request, const std::string& name) {
  const std::size_t at = request.find(name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t start = at + name.size() + 2;
  return request.substr(start, request.find("\r\n", start) - start);
}

std::string accept_of(const std::string& key) {
  Poco::SHA1Engine digest;
  digest.update(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  std::ostringstream text;
  Poco::Base64Encoder encoder(text);
  for (const unsigned char byte : digest.digest()) encoder.put(static_cast<char>(byte));
  encoder.close();
  return text.str();
}

}  // namespace

std::string catch_all(const std::string& path) {
  return http("200 OK", R"({"error":"Unexpected endpoint or method. (GET )" + path + ")\"}");
}

std::string http(const std::string& status, const std::string& body, const std::string& type,
                 const std::string& server) {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\n" +
         (server.empty() ? "" : "Server: " + server + "\r\n") +
         "Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

LoopbackServer::Script answers(std::map<std::string, std::string> responses, std::string otherwise) {
  return [responses = std::move(responses), otherwise = std::move(otherwise)](Peer& peer, int) {
    const std::string request = peer.read_request();
    if (!request.empty()) peer.send(respond(responses, otherwise, request));
  };
}

LoopbackServer::Script silent_sockets(std::map<std::string, std::string> responses, std::string otherwise) {
  return [responses = std::move(responses), otherwise = std::move(otherwise)](Peer& peer, int) {
    const std::string request = peer.read_request();
    const std::string key = header_of(request, "Sec-WebSocket-Key");
    if (key.empty()) return peer.send(respond(responses, otherwise, request));
    peer.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept_of(key) + "\r\n\r\n");
    peer.read_request();  // to its end: what comes is no request
  };
}

FullPort::FullPort() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* to = reinterpret_cast<sockaddr*>(&address);
  sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::bind(sockets_[0], to, size);
  ::getsockname(sockets_[0], to, &size);
  ::listen(sockets_[0], 0);
  port_ = ntohs(address.sin_port);
  for (int i = 0; i < 4; ++i) {
    sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::connect(sockets_.back(), to, size);
  }
}

FullPort::~FullPort() {
  for (const int each : sockets_) ::close(each);
}

}  // namespace tachikoma::testing
