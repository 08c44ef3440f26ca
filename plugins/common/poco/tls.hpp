// SPDX-License-Identifier: MIT
#pragma once

#include <Poco/Exception.h>
#include <Poco/Net/StreamSocket.h>

#include "tachikoma/plugin/error.hpp"

namespace tachikoma::kit {

/// POCO's side of a TlsStream, for the WebSocket that runs over it.
struct PocoStream {
  explicit PocoStream(const Poco::Net::StreamSocket& open) : socket(open) {}
  mutable Poco::Net::StreamSocket socket;
};

/// An error whose message is the cause alone.
Error unreachable(const Poco::Exception& failure);

}  // namespace tachikoma::kit
