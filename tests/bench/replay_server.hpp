// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "bench/client.hpp"

namespace tachikoma::bench {

/// The one model of the replay server.
inline constexpr char kModel[] = "openai/gpt-oss-20b";

/// A child process that replays streams of LM Studio's shape, as many content chunks as `max_tokens`
/// says: 64 distinct ones of about 280 bytes, each in an HTTP chunk of its own, then the finish, the
/// usage and [DONE]. On the second processor where there is one. Make it before any thread.
class ReplayServer {
 public:
  ReplayServer();
  ~ReplayServer();
  ReplayServer(const ReplayServer&) = delete;
  ReplayServer& operator=(const ReplayServer&) = delete;

  /// "http://127.0.0.1:PORT/v1"
  std::string base_url() const;
  /// What a client of that many chunks must have received.
  static Received expected(std::int64_t chunks);

 private:
  pid_t pid_ = -1;
  int port_ = 0;
};

}  // namespace tachikoma::bench
