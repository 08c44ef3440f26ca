// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/call_scope.hpp"
#include "common/http_client.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::lmstudio {

/// What answers where LM Studio is expected.
struct Greeting {
  bool is_lmstudio = false;
  std::string answer;  ///< what answered, when it is something else: "a llama.cpp server answers there"
};

/// Asks who answers, without the key: it may be anybody. Fails when nobody does.
Result<Greeting> greet(kit::HttpClient& client, const kit::CallScope& scope);

/// The local ports on which LM Studio may serve, the likeliest first: the one it last served on, as its own
/// folder below $HOME says, and 1234. $TACHIKOMA_LMSTUDIO_PORTS, as in "1234,1235", replaces the latter.
std::vector<std::uint16_t> candidate_ports();

/// Looks for an LM Studio on this machine, on all candidate ports at once, a second long. Fails with
/// `unreachable`, saying what was found where.
Result<std::shared_ptr<kit::HttpClient>> discover(const kit::ServerSettings& settings, Host& host,
                                                  Cancellation& cancellation);

}  // namespace tachikoma::lmstudio
