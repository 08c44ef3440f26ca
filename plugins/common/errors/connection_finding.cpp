// SPDX-License-Identifier: MIT
#include "common/errors/connection_finding.hpp"

#include <utility>

namespace tachikoma::kit {

Finding connection_finding(const Error& failure, const ServerUrl& url, const ConnectionFixes& fixes) {
  const std::string where = url.text();
  const std::string_view reason = failure.detail["reason"].as_string();
  const auto finding = [&](std::string id, ErrorCode code, std::string title, std::string fix) {
    return Finding{std::move(id), Severity::error, code, std::move(title), failure.message, std::move(fix)};
  };
  if (reason == "unknown_host")
    return finding("host-unknown", ErrorCode::unreachable, "the host name '" + url.host + "' is not known",
                   "correct the host in base_url, or write its address");
  if (reason == "no_answer" || reason == "no_route")
    return finding(
        "port-blocked", ErrorCode::unreachable,
        "no connection to " + where + " can be established: something blocks it, or the machine is off",
        "check that the machine is on, and that no firewall blocks port " + std::to_string(url.port));
  if (reason == "silent")
    return finding("server-silent", ErrorCode::timeout, where + " accepts connections and does not answer",
                   fixes.restart);
  if (reason == "closed" || reason == "cut")
    return finding("server-hangs-up", ErrorCode::unreachable, where + " closes connections without answering",
                   "look at " + fixes.log + ", and at anything in between: a proxy, a VPN");
  if (reason == "tls")
    return finding("tls-failed", ErrorCode::unreachable, "no encrypted connection can be made to " + where,
                   fixes.tls);
  if (failure.code == ErrorCode::protocol)
    return finding("not-http", ErrorCode::protocol, where + " is not an HTTP server",
                   "correct host and port in base_url");
  if (reason == "refused")
    return finding("server-not-started", ErrorCode::unreachable, "nothing listens at " + where, fixes.start);
  return finding("server-unreachable", failure.code, where + " can't be reached",
                 failure.hint.empty() ? fixes.start : failure.hint);
}

}  // namespace tachikoma::kit
