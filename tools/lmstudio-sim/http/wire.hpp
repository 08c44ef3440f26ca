// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace Poco::Net {
class StreamSocket;
}

namespace lmstudio_sim {

/// A fault that affects the bytes of a response, whatever they say.
struct ByteFault {
  enum class Kind : std::uint8_t {
    stall,    ///< silence until the client leaves
    close,    ///< the connection ends
    reset,    ///< the connection is reset
    garbage,  ///< bytes that are not HTTP, then the end
    drip,     ///< all of them, a few at a time
  };
  Kind kind = Kind::close;
  // when it happens; `drip` is on from the start
  std::optional<std::int64_t> after_bytes = {};  ///< the status line included
  bool after_headers = false;
  std::int64_t drip_bytes = 1;
  std::chrono::milliseconds drip_interval{10};
};

/// Carries one response to the client: sends its bytes, applies a fault to them, notices when the client
/// leaves.
class Wire {
 public:
  /// `stopping` is set when the server ends.
  Wire(Poco::Net::StreamSocket& socket, const std::atomic<bool>& stopping)
      : socket_(socket), stopping_(stopping) {}

  /// From now on this fault counts the bytes, or slows them.
  void plan(const ByteFault& fault) { fault_ = fault; }
  /// True when the planned fault has happened.
  bool fault_happened() const { return happened_; }

  /// Sends the status line and the headers; false when no more can be sent.
  bool begin(std::string_view head);
  /// Sends what follows them; false when no more can be sent.
  bool send(std::string_view bytes);
  /// Closes the connection now.
  void close();
  /// Resets the connection when the handler is done.
  void reset();
  /// False when the connection can't serve another request.
  bool usable() const { return usable_; }

  /// Waits that long; false as soon as the client is gone or the server ends.
  bool wait(std::chrono::microseconds time) const;
  /// Waits until this descriptor can be read; false as soon as the client is gone or the server ends.
  bool wait_readable(int descriptor) const;
  /// Waits until the client is gone or the server ends.
  void wait_for_end() const;

 private:
  bool send_all(std::string_view bytes);
  bool send_slowly(std::string_view bytes);
  void apply_fault();

  Poco::Net::StreamSocket& socket_;
  const std::atomic<bool>& stopping_;
  std::optional<ByteFault> fault_;
  std::int64_t sent_ = 0;
  bool happened_ = false, usable_ = true;
};

}  // namespace lmstudio_sim
