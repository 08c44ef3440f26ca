// SPDX-License-Identifier: MIT
#include "support/redis_server.hpp"

#include <csignal>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tachikoma::testing {
namespace {

// Redis takes no port 0. Whoever else takes this one before it does has it end, and another is tried.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  if (!bound) throw std::runtime_error("no port is free");
  return ntohs(address.sin_port);
}

}  // namespace

RedisServer::RedisServer(std::vector<std::string> options) : options_(std::move(options)) {
  for (int attempt = 1;; ++attempt) {
    port_ = free_port();
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      if (attempt == 5) throw;
    }
  }
}

void RedisServer::start() {
  process_.reset();
  std::vector<std::string> argv{"redis-server",
                                "--port",
                                std::to_string(port_),
                                "--bind",
                                "127.0.0.1",
                                "--dir",
                                folder_.path().string(),
                                "--save",
                                "",
                                "--daemonize",
                                "no"};
  argv.insert(argv.end(), options_.begin(), options_.end());
  process_ = std::make_unique<Process>(Command{.argv = argv});
  for (;;)  // it says when it listens; when it can't, it ends, and this throws
    if (process_->read_line().find("Ready to accept connections") != std::string::npos) return;
}

std::string RedisServer::url(const std::string& name) const {
  return "redis://127.0.0.1:" + std::to_string(port_) + "/" + name;
}

std::string RedisServer::cli(const std::vector<std::string>& words) const {
  std::vector<std::string> argv{"redis-cli", "-p", std::to_string(port_)};
  argv.insert(argv.end(), words.begin(), words.end());
  Finished finished = run({.argv = std::move(argv)});
  if (finished.exit_code != 0) throw std::runtime_error("redis-cli: " + finished.err + finished.out);
  return std::move(finished.out);
}

void RedisServer::kill() {
  process_->signal(SIGKILL);
  process_->wait();
}

}  // namespace tachikoma::testing
