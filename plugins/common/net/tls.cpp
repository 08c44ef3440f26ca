// SPDX-License-Identifier: MIT
#include "common/net/tls.hpp"

#include "base/try.hpp"
#include "common/net/poco_library.hpp"

namespace tachikoma::kit {

Result<TlsContext*> TlsClient::context() {
  const std::lock_guard lock(mutex_);
  if (!context_) {
    TACHIKOMA_TRY(void* const make, poco_symbol("tachikoma_make_tls_context"));
    TACHIKOMA_TRY(context_, reinterpret_cast<MakeTlsContext*>(make)(settings_));
  }
  return context_.get();
}

Result<std::unique_ptr<TlsStream>> TlsClient::start(Socket socket, const std::string& host,
                                                    Cancellation& cancellation) {
  TACHIKOMA_TRY(TlsContext* const made, context());
  return made->start(std::move(socket), host, cancellation);
}

}  // namespace tachikoma::kit
