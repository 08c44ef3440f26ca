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

/// One active call or channel, as long as its caller waits. Its state is guarded by the mutex
/// of its socket; `changed` notifies the caller.
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
  std::deque<Message> messages = {};  ///< not taken by the caller yet; a call's only message is its result
  std::size_t waiting_bytes = 0;      ///< of these
  bool has_reply = false;             ///< the server has sent something for it
  bool cancelled = false;
  bool ended = false;
  std::optional<Error> failure = {};  ///< why it failed; none: it succeeded
};

/// The active calls and channels of one socket. Not synchronised.
class SdkCalls {
 public:
  void add(SdkExchange& exchange);
  void remove(SdkExchange& exchange);
  bool empty() const { return rpcs_.empty() && channels_.empty(); }

  /// Delivers a message of the server to its recipient. Messages without a recipient are dropped.
  void deliver(SdkFrame frame);
  /// Ends everything with `error`.
  void fail_all(const Error& error);
  /// Wakes all callers.
  void wake_all();

 private:
  using Table = std::map<std::int64_t, SdkExchange*>;

  Table& table(SdkExchange::Kind kind) { return kind == SdkExchange::Kind::rpc ? rpcs_ : channels_; }
  SdkExchange* find(SdkExchange::Kind kind, std::int64_t id);
  void push(SdkExchange& exchange, Value message, std::size_t size);
  void end(SdkExchange& exchange, std::optional<Error> failure);
  void warn(const SdkFrame& warning);
  std::vector<SdkExchange*> meant_by(const SdkFrame& warning);

  Table rpcs_;  // separate: a call and a channel may have the same id
  Table channels_;
};

}  // namespace tachikoma::lmstudio
