// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace tachikoma::testing {

/// A real `redis-server` on a loopback port of its own, with a folder for what it keeps. It ends with the
/// object.
class RedisServer {
 public:
  /// `options` are added to its command line: "--maxmemory", "1mb".
  explicit RedisServer(std::vector<std::string> options = {});

  int port() const { return port_; }
  /// "redis://127.0.0.1:40123/test".
  std::string url(const std::string& name = "test") const;
  /// What `redis-cli` prints for a command; throws if it fails.
  std::string cli(const std::vector<std::string>& words) const;
  /// Ends it with kill -9.
  void kill();
  /// Starts it again on the same port, with what it wrote to its folder; returns when it listens.
  void start();
  void signal(int number) const { process_->signal(number); }

 private:
  const std::vector<std::string> options_;
  TempDir folder_;
  int port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace tachikoma::testing
