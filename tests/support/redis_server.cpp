// SPDX-License-Identifier: MIT
#include "support/redis_server.hpp"

#include <csignal>
#include <stdexcept>
#include <utility>

#include "support/loopback_server.hpp"

namespace tachikoma::testing {

RedisServer::RedisServer(std::vector<std::string> options) : options_(std::move(options)) {
  for (int attempt = 1;; ++attempt) {
    port_ = refused_port();  // Redis takes no port 0; whoever else takes this one first has it end
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
