// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "queue/redis_connection.hpp"
#include "tachikoma/batch_queue.hpp"

namespace tachikoma::queue {

/// A line of a batch that a worker has taken.
struct TakenLine {
  std::string id = {};  ///< of its entry
  std::size_t request = 0;
  std::string custom_id = {};
  std::string text = {};
};

/// A result that waits for the feeder.
struct QueuedResult {
  enum class Kind : std::uint8_t { ok, failed, lost };

  std::string id = {};  ///< of its entry
  std::size_t request = 0;
  Kind kind = Kind::ok;
  std::string text =
      {};  ///< the line of the output; of one that was lost its history, a line for each attempt
};

/// What a feeder may find when it begins.
enum class Beginning : std::uint8_t { begin, resume, rejoin };

/// One connection, and what a batch does over it: each function is one script, which Redis runs as one step.
/// Fails with what RedisConnection fails with; then make another one. Not synchronised.
class Broker {
 public:
  static Result<Broker> connect(const QueueAddress& address, const RedisTimeouts& timeouts = {});

  const std::string& run_id() const { return connection_.run_id(); }

  // The feeder's. `cancelled`: there is no batch any more.
  /// Fails with `invalid_argument` if the name is that of another batch.
  Status begin(const std::string& input_hash, std::size_t total, const std::string& owner, Beginning how);
  struct Fed {
    std::size_t lines = 0;  ///< of those given, from the first one on
    std::size_t there = 0;  ///< lines of the model, those in work included
  };
  Result<Fed> feed(const std::string& model, std::size_t window, const std::vector<TakenLine>& lines);
  Result<std::vector<QueuedResult>> collect(std::size_t most, const std::vector<std::string>& kept);

  // A worker's.
  enum class State : std::uint8_t { running, paused, gone };
  struct Taken {
    State state = State::gone;
    std::vector<TakenLine> lines = {};
  };
  struct Rules {
    std::chrono::milliseconds dead_after{0};
    std::size_t attempts = 0;
  };
  Result<Taken> take(const std::string& worker, const std::string& model, std::size_t most,
                     const Rules& rules);
  /// False: the line has a result already, or the batch is gone.
  Result<bool> record(const std::string& worker, const std::string& model, const TakenLine& line,
                      bool succeeded, const std::string& text);
  Status give_back(const std::string& worker, const std::string& model, const TakenLine& line,
                   const std::string& why, const Rules& rules);
  /// Returns the ids of those that are another's by now.
  Result<std::vector<std::string>> alive(const std::string& worker, const std::string& model,
                                         const std::vector<std::string>& ids);

  // Anybody's.
  Result<QueueStatus> status();
  /// False: there is no batch.
  Result<bool> set_state(const std::string& state);
  Result<bool> finish();

 private:
  Broker(RedisConnection connection, const QueueAddress& address)
      : connection_(std::move(connection)),
        address_(address),
        prefix_("tachikoma:1:{" + address.name + "}:") {}
  Status load_scripts();
  Result<RedisReply> run(std::size_t script, const std::string& model, std::vector<std::string> arguments);
  Error gone() const;

  RedisConnection connection_;
  QueueAddress address_;
  std::string prefix_;
  std::vector<std::string> scripts_;  // their hashes
};

}  // namespace tachikoma::queue
