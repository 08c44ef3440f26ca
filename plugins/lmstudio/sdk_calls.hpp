// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "lmstudio/sdk_error.hpp"
#include "lmstudio/sdk_frames.hpp"
#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::lmstudio {

/// One call or channel that is under way, as long as its caller waits. What changes is guarded by the mutex
/// of the socket that carries it; `changed` tells the caller.
struct SdkExchange {
  enum class Kind : std::uint8_t { rpc, channel };
  struct Message {
    Value value;
    std::size_t size = 0;
  };

  SdkExchange(Kind k, std::int64_t i, SdkCallName n) : kind(k), id(i), name(std::move(n)) {}

  const Kind kind;
  const std::int64_t id;
  const SdkCallName name;

  std::condition_variable changed = {};
  std::deque<Message> messages = {};  ///< that the caller has not taken; a call's only one is its result
  std::size_t waiting_bytes = 0;      ///< of these
  bool heard_of = false;              ///< the server has sent something for it
  bool cancelled = false;
  bool ended = false;
  std::optional<Error> failure = {};  ///< how it ended; none: well
};

/// What is under way on one socket. Not synchronised.
class SdkCalls {
 public:
  void add(SdkExchange& exchange);
  void remove(SdkExchange& exchange);
  bool empty() const { return rpcs_.empty() && channels_.empty(); }

  /// Hands a message of the server to whom it is for. What nobody waits for any more is dropped.
  void deliver(SdkFrame frame);
  /// Ends everything with `error`.
  void fail_all(const Error& error);
  /// Makes everybody look again.
  void wake_all();

 private:
  using Table = std::map<std::int64_t, SdkExchange*>;

  Table& table(SdkExchange::Kind kind) { return kind == SdkExchange::Kind::rpc ? rpcs_ : channels_; }
  SdkExchange* find(SdkExchange::Kind kind, std::int64_t id);
  void push(SdkExchange& exchange, Value message, std::size_t size);
  void end(SdkExchange& exchange, std::optional<Error> failure);
  void warn(const SdkFrame& warning);
  std::vector<SdkExchange*> meant_by(const SdkFrame& warning);

  Table rpcs_;  // apart: a call and a channel may have the same id
  Table channels_;
};

}  // namespace tachikoma::lmstudio
