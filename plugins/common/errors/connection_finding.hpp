// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/net/server_url.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"

namespace tachikoma::kit {

/// The provider's fixes for a server that can't be reached.
struct ConnectionFixes {
  std::string start;    ///< nothing listens
  std::string restart;  ///< it accepts connections but does not answer
  std::string log;      ///< where the reason for closing may be: "LM Studio's log"
  std::string tls =
      "write base_url with http:// where the server speaks that, or name the certificate authority in "
      "tls.ca_file";
};

/// The finding for a failed exchange with the server at `url`.
Finding connection_finding(const Error& failure, const ServerUrl& url, const ConnectionFixes& fixes);

}  // namespace tachikoma::kit
