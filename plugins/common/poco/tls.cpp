// SPDX-License-Identifier: MIT
#include "common/poco/tls.hpp"

#include <algorithm>
#include <limits>

#include <Poco/Net/Context.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <sys/socket.h>

#include "common/net/sigpipe_shield.hpp"
#include "common/net/tls.hpp"

namespace tachikoma::kit {
namespace {

class PocoTlsStream final : public TlsStream, public PocoStream {
 public:
  explicit PocoTlsStream(const Poco::Net::StreamSocket& encrypted) : PocoStream(encrypted) {}
  ~PocoTlsStream() override {
    const SigpipeShield shield;  // OpenSSL writes without MSG_NOSIGNAL
    try {
      socket.close();
    } catch (const Poco::Exception&) {
      // nothing is lost: the descriptor is closed, only TLS's close notification could not be sent
    }
  }

  Result<std::size_t> send(std::string_view bytes) override {
    const SigpipeShield shield;
    try {
      const int sent = socket.sendBytes(bytes.data(), length(bytes.size()), MSG_NOSIGNAL);
      if (sent <= 0) return Error(ErrorCode::unreachable, "nothing more could be sent");
      return static_cast<std::size_t>(sent);
    } catch (const Poco::Exception& failure) {
      return unreachable(failure);
    }
  }

  Result<std::size_t> receive(char* buffer, std::size_t size) override {
    const SigpipeShield shield;  // it may write in order to read
    try {
      const int received = socket.receiveBytes(buffer, length(size));
      return received > 0 ? static_cast<std::size_t>(received) : 0;
    } catch (const Poco::Exception& failure) {
      return unreachable(failure);
    }
  }

  bool ready() const override {
    try {
      return socket.available() > 0;
    } catch (const Poco::Exception&) {
      return true;  // the next read reports the error
    }
  }

 private:
  static int length(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
  }
};

class PocoTlsContext final : public TlsContext {
 public:
  explicit PocoTlsContext(Poco::Net::Context::Ptr context) : context_(std::move(context)) {}

  Result<std::unique_ptr<TlsStream>> start(Socket connected, const std::string& host,
                                           Cancellation& cancellation) override {
    const SigpipeShield shield;
    const int fd = connected.fd();
    const Poco::Net::StreamSocket plain(new Poco::Net::StreamSocketImpl(connected.release()));
    const OnCancel cut(cancellation, [fd] { ::shutdown(fd, SHUT_RDWR); });
    try {
      return std::unique_ptr<TlsStream>(
          new PocoTlsStream(Poco::Net::SecureStreamSocket::attach(plain, host, context_)));
    } catch (const Poco::Exception& failure) {
      if (cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled while connecting");
      return tls_failed(failure);
    }
  }

  static Error tls_failed(const Poco::Exception& failure) {
    Error error(ErrorCode::unreachable, "TLS failed: " + unreachable(failure).message,
                "check the certificate; name its authority in tls.ca_file", because("tls"));
    error.retryable = false;
    return error;
  }

 private:
  const Poco::Net::Context::Ptr context_;
};

}  // namespace

Error unreachable(const Poco::Exception& failure) {
  return Error(ErrorCode::unreachable,
               failure.code() > 0 ? errno_text(failure.code()) : failure.displayText());
}

}  // namespace tachikoma::kit

extern "C" [[gnu::visibility("default")]] tachikoma::kit::MakeTlsContext tachikoma_make_tls_context;

tachikoma::Result<std::unique_ptr<tachikoma::kit::TlsContext>> tachikoma_make_tls_context(
    const tachikoma::kit::TlsSettings& settings) {
  using namespace tachikoma::kit;
  using Poco::Net::Context;
  try {
    // strict: POCO's other modes don't check the host name of a local server
    const auto mode = settings.verify ? Context::VERIFY_STRICT : Context::VERIFY_NONE;
    Context::Ptr context =
        new Context(Context::TLS_CLIENT_USE, "", "", settings.ca_file, mode, 9, settings.ca_file.empty());
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    return std::unique_ptr<TlsContext>(new PocoTlsContext(std::move(context)));
  } catch (const Poco::Exception& failure) {
    return PocoTlsContext::tls_failed(failure);
  }
}
