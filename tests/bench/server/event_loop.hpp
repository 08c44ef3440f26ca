// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/server/replies.hpp"

namespace tachikoma::bench {

/// The replay server's one thread: reads requests, and sends what belongs to them.
class EventLoop {
 public:
  explicit EventLoop(int listener);
  [[noreturn]] void run();

 private:
  using Clock = std::chrono::steady_clock;
  struct Connection {
    int fd = -1;
    std::string in = {};       ///< of requests that are not whole yet
    std::string out = {};      ///< to be sent first
    std::size_t sent = 0;      ///< of `out`, then of the batch
    std::int64_t batches = 0;  ///< to be sent after `out`
    std::string rest = {};     ///< to be sent after the batches, or late
    Style style = Style::repeating;
    bool waits = false;       ///< for room in the socket
    std::int64_t chunks = 0;  ///< of a paced stream
    std::int64_t next = 0;    ///< the paced stream's next chunk
    Clock::duration pace = {};
    Clock::time_point start = {};
  };

  void accept_all();
  void read_from(Connection& connection);
  void answer(Connection& connection, std::string_view request);
  void answer_chat(Connection& connection, std::string_view scenario, std::string_view request);
  void start_stream(Connection& connection, Style style, std::int64_t chunks);
  void hold(Connection& connection, std::int64_t count);
  void send_late(Connection& connection, std::string_view text);
  void tick(Connection& connection);
  void send_text(Connection& connection, std::string_view text);
  void pump(Connection& connection);
  bool send_some(Connection& connection, std::string_view bytes);
  void wait_for_room(Connection& connection, bool waits);
  void close(Connection& connection);

  int listener_;
  int epoll_;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::multimap<Clock::time_point, int> timers_;  ///< of paced, held and late answers, by descriptor
  std::vector<int> held_;
  std::map<std::int64_t, std::string> lists_;  ///< by the number of models
  std::string short_stream_;                   ///< the whole response of a stream of one chunk
};

}  // namespace tachikoma::bench
