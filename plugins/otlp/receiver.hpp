// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/http_client.hpp"

namespace tachikoma::otlp {

/// How a request to a receiver ended.
struct Delivery {
  enum class Kind : std::uint8_t {
    taken,    ///< but perhaps not all of it
    later,    ///< it may be taken at another time
    refused,  ///< and will be again
  };
  Kind kind = Kind::taken;
  std::int64_t rejected = 0;  ///< taken: how many elements were not
  std::string reason = {};    ///< why not all was taken: a sentence without an end
  std::optional<std::chrono::milliseconds> retry_after = {};  ///< later: as the receiver asks for
};

/// A server that takes telemetry by OTLP/HTTP. Blocking; `url` is [thread-safe], nothing else is
/// synchronised.
class Receiver {
 public:
  /// `host` must outlive it.
  Receiver(kit::ServerUrl url, const kit::ServerAccess& access, std::chrono::milliseconds timeout, Host& host)
      : client_(std::move(url), access, host), timeout_(timeout) {}

  const std::string& url() const { return client_.url_text(); }
  /// Sends `body` to "/v1/traces" or "/v1/metrics".
  Delivery send(const std::string& path, std::string_view body, Cancellation& cancellation);

 private:
  kit::HttpClient client_;
  const std::chrono::milliseconds timeout_;
};

/// What a reply means. [thread-safe]
Delivery judge(const kit::Document& reply, std::string_view url);

}  // namespace tachikoma::otlp
