// SPDX-License-Identifier: MIT
#include "bench/replay_server.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <sched.h>
#include <signal.h>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

namespace tachikoma::bench {
namespace {

constexpr std::size_t kDistinct = 64;
constexpr std::size_t kBatches = 32;  // of all distinct chunks, sent at once

struct Content {
  std::string_view json;  ///< as it stands in the chunk
  std::int64_t bytes;     ///< once decoded
};
// plain words, escapes and UTF-8, as a model mixes them
constexpr std::array<Content, 8> kContents = {{{" quantum", 8},
                                               {" the", 4},
                                               {".\\n\\n", 3},
                                               {" \\\"state\\\"", 8},
                                               {" größer", 9},
                                               {" 🙂", 5},
                                               {" superposition", 14},
                                               {",", 1}}};

std::string http_chunk(const std::string& payload) {
  std::array<char, 16> size;
  std::snprintf(size.data(), size.size(), "%zx\r\n", payload.size());
  return size.data() + payload + "\r\n";
}

std::string event(const std::string& choices, const std::string& rest = "") {
  return http_chunk(std::string(R"(data: {"id":"chatcmpl-x7kq2m9v4tq8r1s6u3w5y0",)") +
                    R"("object":"chat.completion.chunk","created":1763800000,"model":")" + kModel +
                    R"(","system_fingerprint":")" + kModel + R"(","choices":)" + choices + rest + "}\n\n");
}

// a number behind the words tells the distinct ones apart
std::string number_of(std::size_t index) { return std::to_string(index % kDistinct); }

std::string content_event(std::size_t index) {
  return event(R"([{"index":0,"delta":{"role":"assistant","content":")" +
               std::string(kContents[index % kContents.size()].json) + number_of(index) +
               R"("},"logprobs":null,"finish_reason":null}])");
}

std::string response(std::string_view type, std::string_view length, const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(type) + "\r\n" + std::string(length) +
         "\r\nConnection: keep-alive\r\n\r\n" + body;
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool send_stream(int fd, std::int64_t chunks) {
  static const std::string batch = [] {
    std::string all;
    for (std::size_t i = 0; i < kDistinct * kBatches; ++i) all += content_event(i);
    return all;
  }();
  if (!send_all(fd, response("text/event-stream", "Transfer-Encoding: chunked", ""))) return false;
  constexpr std::int64_t kBatch = kDistinct * kBatches;
  for (; chunks >= kBatch; chunks -= kBatch)
    if (!send_all(fd, batch)) return false;
  std::string rest;
  for (std::int64_t i = 0; i < chunks; ++i) rest += content_event(static_cast<std::size_t>(i));
  rest += event(R"([{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}])");
  rest += event("[]", R"(,"usage":{"prompt_tokens":7,"completion_tokens":42,"total_tokens":49})");
  rest += http_chunk("data: [DONE]\n\n") + "0\r\n\r\n";
  return send_all(fd, rest);
}

// Reads one request and returns head and body; empty at the end of the connection.
std::string read_request(int fd, std::string& buffer) {
  for (;;) {
    if (const std::size_t head = buffer.find("\r\n\r\n"); head != std::string::npos) {
      std::size_t length = 0;
      for (const char* name : {"Content-Length: ", "content-length: "})
        if (const std::size_t at = buffer.find(name); at < head)
          length = std::strtoul(&buffer[at + 16], nullptr, 10);
      if (const std::size_t end = head + 4 + length; buffer.size() >= end) {
        std::string request = buffer.substr(0, end);
        buffer.erase(0, end);
        return request;
      }
    }
    std::array<char, 65536> bytes;
    const ssize_t count = ::recv(fd, bytes.data(), bytes.size(), 0);
    if (count <= 0) return {};
    buffer.append(bytes.data(), static_cast<std::size_t>(count));
  }
}

void serve_connection(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::string list = std::string(R"({"object":"list","data":[{"id":")") + kModel +
                           R"(","object":"model","owned_by":"bench"}]})";
  std::string buffer;
  for (bool open = true; open;) {
    const std::string request = read_request(fd, buffer);
    if (request.empty()) break;
    if (request.rfind("POST ", 0) == 0) {
      const std::size_t at = request.find("\"max_tokens\":");
      open = send_stream(fd, at == std::string::npos ? 1 : std::atoll(&request[at + 13]));
    } else {
      open =
          send_all(fd, response("application/json", "Content-Length: " + std::to_string(list.size()), list));
    }
  }
  ::close(fd);
}

[[noreturn]] void serve(int listener) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  cpu_set_t second;
  CPU_ZERO(&second);
  CPU_SET(1, &second);
  ::sched_setaffinity(0, sizeof second, &second);  // fails harmlessly where there is only one
  for (;;)
    if (const int fd = ::accept(listener, nullptr, nullptr); fd >= 0)
      std::thread(serve_connection, fd).detach();
}

}  // namespace

ReplayServer::ReplayServer() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, 16) != 0 ||
      ::getsockname(listener, generic, &size) != 0)
    throw std::runtime_error("the replay server can't listen");
  port_ = ntohs(address.sin_port);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) serve(listener);
  ::close(listener);
}

ReplayServer::~ReplayServer() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::string ReplayServer::base_url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

Received ReplayServer::expected(std::int64_t chunks) {
  Received received{chunks, 0};
  for (std::size_t i = 0; i < static_cast<std::size_t>(chunks); ++i)
    received.bytes += kContents[i % kContents.size()].bytes + static_cast<std::int64_t>(number_of(i).size());
  return received;
}

}  // namespace tachikoma::bench
