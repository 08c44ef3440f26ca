// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "http/exchange.hpp"
#include "model/simulator_state.hpp"

namespace lmstudio_sim {

/// What a port serves.
enum class Surface : std::uint8_t {
  all,
  sdk,  ///< discovery and the WebSocket only
};

/// Answers the upgrade to a WebSocket and serves that to its end; `id` is the request's in the journal.
using UpgradeHandler = void (*)(SimulatorState& simulator, Exchange& exchange, Journal::Id id);

/// Answers any request, and records it in the journal.
struct RequestRouter {
  SimulatorState& simulator;
  Surface surface;
  UpgradeHandler upgrade;

  void operator()(Exchange& exchange) const;
};

}  // namespace lmstudio_sim
