// SPDX-License-Identifier: MIT
#include "common/net/tls.hpp"

#include <mutex>
#include <utility>

#include <Poco/Net/Context.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>

namespace tachikoma::kit {

struct TlsClient::State {
  std::mutex mutex;  // guards what follows, which is made once
  Poco::Net::Context::Ptr context;
};

TlsClient::TlsClient(TlsSettings settings)
    : settings_(std::move(settings)), state_(std::make_unique<State>()) {}
TlsClient::~TlsClient() = default;

void TlsClient::start(Poco::Net::StreamSocket& socket, const std::string& host) {
  using Poco::Net::Context;
  Context::Ptr context;
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->context) {
      // strict: POCO's other modes don't check the host name of a local server
      const auto mode = settings_.verify ? Context::VERIFY_STRICT : Context::VERIFY_NONE;
      state_->context =
          new Context(Context::TLS_CLIENT_USE, "", "", settings_.ca_file, mode, 9, settings_.ca_file.empty());
      state_->context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    }
    context = state_->context;
  }
  socket = Poco::Net::SecureStreamSocket::attach(socket, host, context);
}

}  // namespace tachikoma::kit
