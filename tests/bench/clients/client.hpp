// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/server/replies.hpp"

namespace tachikoma::bench {

/// Does the work of the benchmark in one way. `target` is a base URL, or for a client that has one the path
/// of a configuration. A workload that a client has no use for fails.
class Client {
 public:
  /// The texts of every chat, by turns of the user and of the assistant.
  explicit Client(std::vector<std::string> messages) : messages_(std::move(messages)) {}
  virtual ~Client() = default;

  /// One stream.
  virtual Tally stream(std::int64_t chunks) = 0;
  /// The same, read by a loop of the caller.
  virtual Tally range(std::int64_t chunks) { return stream(chunks); }
  /// Several at a time, on a number of threads that does not grow with them.
  virtual Tally streams(std::int64_t count, std::int64_t chunks) = 0;
  /// Whole answers one after the other, each a stream of one chunk.
  virtual Tally requests(std::int64_t count) = 0;
  /// The same from a server that answers with one JSON text.
  virtual Tally json_requests(std::int64_t count) = 0;
  /// Such answers, so many at a time.
  virtual Tally concurrent(std::int64_t count, std::int64_t width) = 0;
  /// Streams that are all open at a time; calls `sample_process()` then.
  virtual Tally hold(std::int64_t count) = 0;
  /// Questions that are answered with the help of a tool.
  virtual Tally tools(std::int64_t) { throw std::runtime_error("this client calls no tools"); }
  virtual Tally embed(std::int64_t) { throw std::runtime_error("this client embeds nothing"); }

 protected:
  const std::vector<std::string>& messages() const { return messages_; }

 private:
  const std::vector<std::string> messages_;
};

/// Each program of a client defines it. `target` is a base URL, or for ours the path of a configuration.
std::unique_ptr<Client> make_client(const std::string& target, std::vector<std::string> messages);

/// Notes the threads and the memory of this process, for the report.
void sample_process();

}  // namespace tachikoma::bench
