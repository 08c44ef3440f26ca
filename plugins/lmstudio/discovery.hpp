// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/http/http_client.hpp"
#include "common/http/server_access.hpp"
#include "common/net/call_scope.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::lmstudio {

/// The program that answers where LM Studio is expected.
struct Greeting {
  bool is_lmstudio = false;
  std::string server = {};  ///< the program that answers instead, if identified: "Ollama"
  std::string answer = {};  ///< the same as a clause: "Ollama answers there"
};

/// Identifies the server, without sending the key: it may be any program. Fails if nothing answers.
Result<Greeting> greet(kit::HttpClient& client, const kit::CallScope& scope);

/// Fails if it is another program, with `reason` `not_lmstudio`, or does not tell: it can't be reached, or
/// refuses to answer. If it wants the key, it gets it: its address is the one that the key is configured for.
Status check_is_lmstudio(kit::HttpClient& client, const kit::CallScope& scope);

/// The local ports on which LM Studio's HTTP server may be, the likeliest first: the user's, the one on which
/// it last served, as its own folder says, and 1234. $TACHIKOMA_LMSTUDIO_PORTS, as in "1234,1235", replaces
/// the last.
std::vector<std::uint16_t> http_ports(std::optional<std::uint16_t> users = {});

/// The local ports on which LM Studio offers its WebSockets whether its HTTP server is on or off: the one
/// that its own folder names, and the usual five. $TACHIKOMA_LMSTUDIO_SDK_PORTS replaces the five;
/// $TACHIKOMA_LMSTUDIO_PORTS alone leaves them out.
std::vector<std::uint16_t> sdk_ports();

/// 127.0.0.1 at each of the ports.
std::vector<kit::ServerUrl> on_this_machine(const std::vector<std::uint16_t>& ports);
/// True for an address that can only be this machine's.
bool is_this_machine(const kit::ServerUrl& url);

/// An address that was tried, and the result.
struct Probe {
  std::shared_ptr<kit::HttpClient> client;
  Result<Greeting> greeting{Greeting{}};

  bool found() const { return greeting && greeting->is_lmstudio; }
  /// "http://127.0.0.1:1234 (connection refused)"
  std::string outcome() const;
};

/// The time limit for one of many addresses.
inline constexpr std::chrono::seconds kProbeLimit{1};

/// Greets all of them at once, for no longer than `limit`.
std::vector<Probe> probe_all(const std::vector<kit::ServerUrl>& urls, const kit::ServerAccess& access,
                             Host& host, Cancellation& cancellation,
                             std::chrono::seconds limit = kProbeLimit);

/// Their outcomes, with commas; "no port" for none.
std::string outcomes_of(const std::vector<Probe>& probes);

}  // namespace tachikoma::lmstudio
