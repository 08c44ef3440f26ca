// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/net/server_url.hpp"
#include "tachikoma/plugin/capability/self_diagnosis.hpp"

namespace tachikoma::kit {

/// What is done about a server that can't be reached, in the words of those who know it.
struct ConnectionFixes {
  std::string start;    ///< nothing listens
  std::string restart;  ///< it accepts connections, and is silent
  std::string log;      ///< where it may say why it hangs up: "LM Studio's log"
  std::string tls =
      "write base_url with http:// where the server speaks that, or name the certificate authority in "
      "tls.ca_file";
};

/// Why a server could not be reached at `url`, as the error of an exchange with it tells.
Finding connection_finding(const Error& failure, const ServerUrl& url, const ConnectionFixes& fixes);

}  // namespace tachikoma::kit
