// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "common/net/socket.hpp"
#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::kit {

struct TlsSettings {
  std::string ca_file = {};  ///< PEM; empty: the system's certificates
  bool verify = true;        ///< of certificate and host name
};

/// An encrypted stream over a socket, which it owns. Its calls block, and end if the socket is shut down; an
/// error names the cause alone.
class TlsStream {
 public:
  virtual ~TlsStream() = default;
  /// Sends the beginning of `bytes`, and returns its length.
  virtual Result<std::size_t> send(std::string_view bytes) = 0;
  /// Returns how much was received; 0 if the server closed.
  virtual Result<std::size_t> receive(char* buffer, std::size_t size) = 0;
  /// True if something was received and decrypted already.
  virtual bool ready() const = 0;
};

/// The TLS implementation's side of a TlsClient. [thread-safe]
class TlsContext {
 public:
  virtual ~TlsContext() = default;
  virtual Result<std::unique_ptr<TlsStream>> start(Socket socket, const std::string& host,
                                                   Cancellation& cancellation) = 0;
};
using MakeTlsContext = Result<std::unique_ptr<TlsContext>>(const TlsSettings& settings);

/// Starts TLS 1.2 or newer on connected sockets. The implementation is opened at first use. [thread-safe]
class TlsClient {
 public:
  explicit TlsClient(TlsSettings settings) : settings_(std::move(settings)) {}

  /// Performs the handshake. Fails with `unreachable` and `cancelled`; the message is the cause alone.
  Result<std::unique_ptr<TlsStream>> start(Socket socket, const std::string& host,
                                           Cancellation& cancellation);

 private:
  Result<TlsContext*> context();

  const TlsSettings settings_;
  std::mutex mutex_;  // guards what follows, which is made once
  std::unique_ptr<TlsContext> context_;
};

}  // namespace tachikoma::kit
