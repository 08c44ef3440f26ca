// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma::queue {

/// Where a batch is queued: a Redis server, who we are there, and the name of the batch.
struct QueueAddress {
  std::string host = {};
  std::uint16_t port = 6379;
  std::string user = {};  ///< empty: the default user
  std::string password = {};
  std::string name = {};

  /// "redis://host:6379", without secrets.
  std::string server() const;
  /// The same with the name.
  std::string shown() const { return server() + "/" + name; }
};

/// Reads "redis://[USER:PASSWORD@]HOST[:PORT]/NAME". Fails with `invalid_argument`, and never shows what may
/// be a password.
Result<QueueAddress> parse_queue_url(std::string_view url);

}  // namespace tachikoma::queue
