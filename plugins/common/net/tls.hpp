// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

namespace Poco::Net {
class StreamSocket;
}

namespace tachikoma::kit {

struct TlsSettings {
  std::string ca_file = {};  ///< PEM; empty: the system's certificates
  bool verify = true;        ///< of certificate and host name
};

/// Starts TLS 1.2 or newer on connected sockets. The library is initialised on first use.
/// [thread-safe]
class TlsClient {
 public:
  explicit TlsClient(TlsSettings settings);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  /// Performs the handshake over `socket`, which becomes the encrypted one. Blocks; ends if the socket is
  /// shut down. Throws POCO's exceptions.
  void start(Poco::Net::StreamSocket& socket, const std::string& host);

 private:
  struct State;
  TlsSettings settings_;
  std::unique_ptr<State> state_;
};

}  // namespace tachikoma::kit
