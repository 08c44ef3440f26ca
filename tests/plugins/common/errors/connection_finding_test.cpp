// SPDX-License-Identifier: MIT
#include "common/errors/connection_finding.hpp"

#include <string>
#include <utility>
#include <vector>

#include "common/net/socket.hpp"
#include "support/catch.hpp"

using namespace tachikoma;

namespace {

const kit::ConnectionFixes kFixes{.start = "start it", .restart = "restart it", .log = "its log"};

Finding finding(const Error& failure) {
  return kit::connection_finding(failure, {.host = "box", .port = 1234}, kFixes);
}

}  // namespace

TEST_CASE("what an exchange failed of has a finding, with the fix that the caller knows", "[diagnosis]") {
  const std::vector<std::pair<const char*, std::pair<const char*, const char*>>> cases = {
      {"unknown_host", {"host-unknown", "correct the host in base_url, or write its address"}},
      {"no_answer", {"port-blocked", "check that the machine is on, and that no firewall blocks port 1234"}},
      {"no_route", {"port-blocked", "check that the machine is on, and that no firewall blocks port 1234"}},
      {"silent", {"server-silent", "restart it"}},
      {"closed", {"server-hangs-up", "look at its log, and at anything in between: a proxy, a VPN"}},
      {"cut", {"server-hangs-up", "look at its log, and at anything in between: a proxy, a VPN"}},
      {"tls", {"tls-failed", kFixes.tls.c_str()}},
      {"refused", {"server-not-started", "start it"}}};
  for (const auto& [reason, expected] : cases) {
    INFO(reason);
    const Finding found = finding(Error(ErrorCode::unreachable, "it failed", {}, kit::because(reason)));
    CHECK(found.id == expected.first);
    CHECK(found.fix == expected.second);
    CHECK(found.evidence == "it failed");
  }
}

TEST_CASE("a server is not said to speak no HTTP when it was never reached", "[diagnosis]") {
  CHECK(finding(Error(ErrorCode::protocol, "no HTTP")).id == "not-http");
  const Finding none_left = finding(Error(ErrorCode::overloaded, "no descriptor", "close files"));
  CHECK(none_left.id == "server-unreachable");
  CHECK(none_left.code == ErrorCode::overloaded);
  CHECK(none_left.fix == "close files");
}
