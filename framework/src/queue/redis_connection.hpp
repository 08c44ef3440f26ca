// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "queue/queue_address.hpp"
#include "queue/redis_reply.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::queue {

/// The longest waits for a server, so that none of its troubles is one without an end.
struct RedisTimeouts {
  std::chrono::milliseconds connect{3000};
  std::chrono::milliseconds reply{10000};  ///< also until a command is accepted
};

/// A connection to a Redis server, in its protocol RESP2. After an error of its own it is of no use any more.
/// Not synchronised.
class RedisConnection {
 public:
  /// A command and its arguments; any bytes.
  using Command = std::vector<std::string>;

  /// Connects and logs in. Fails with `unreachable`, `unauthenticated`, or `protocol` if it is no Redis that
  /// we can use.
  static Result<RedisConnection> connect(const QueueAddress& address, const RedisTimeouts& timeouts = {});

  /// Sends all commands at once, and returns their replies. What the server refuses is a reply; an error is
  /// that of the connection.
  Result<std::vector<RedisReply>> run(const std::vector<Command>& commands);
  /// One command; what the server refuses is an error.
  Result<RedisReply> run(const Command& command);
  /// The same for its reply to one command of several.
  Result<RedisReply> accepted(RedisReply reply) const;

  /// Tells one run of the server from another: what it had in memory alone is gone with it.
  const std::string& run_id() const { return run_id_; }

 private:
  using Deadline = std::chrono::steady_clock::time_point;

  RedisConnection(base::Descriptor socket, std::string server, const RedisTimeouts& timeouts)
      : socket_(std::move(socket)), server_(std::move(server)), timeouts_(timeouts) {}
  Status log_in(const QueueAddress& address);
  Status learn_server();
  Status send(const std::string& bytes, Deadline deadline);
  Result<RedisReply> read_reply(Deadline deadline, int depth = 0);
  Result<std::string> read_line(Deadline deadline);
  Result<std::string> read_text(std::size_t size, Deadline deadline);
  Status receive(Deadline deadline);
  Status wait_for(short events, Deadline deadline) const;
  Error lost(const std::string& how) const;
  Error not_redis() const;

  base::Descriptor socket_;
  std::string server_;
  RedisTimeouts timeouts_;
  std::string run_id_;
  std::string buffer_;    // what was received
  std::size_t read_ = 0;  // of that
};

}  // namespace tachikoma::queue
