// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <sys/types.h>

namespace tachikoma::bench {

/// A child process that replays answers of LM Studio's shapes faster than any client reads them: one thread,
/// epoll, bytes rendered beforehand, on the second processor where there is one. Make it before any thread.
///
/// A stream has as many content chunks as `max_tokens` says. The first segment of a URL says what it does:
///   /v1                streams whose chunks differ in their contents only
///   /changing/v1       streams in which id and time differ too
///   /paced-MICROS/v1   a chunk each so many microseconds
///   /hold-N/v1         ends the streams once N are open
///   /json/v1           answers with one JSON text
///   /late/v1, /late-json/v1   one chunk, or one JSON text, after a millisecond: the client always waits
///   /tools/v1          calls a tool, and answers once it gets the result
///   /models-N/v1       lists N models
class ReplayServer {
 public:
  ReplayServer();
  ~ReplayServer();
  ReplayServer(const ReplayServer&) = delete;
  ReplayServer& operator=(const ReplayServer&) = delete;

  /// "http://127.0.0.1:PORT/v1", or with a scenario "http://127.0.0.1:PORT/SCENARIO/v1"
  std::string base_url(const std::string& scenario = {}) const;

 private:
  pid_t pid_ = -1;
  int port_ = 0;
};

}  // namespace tachikoma::bench
