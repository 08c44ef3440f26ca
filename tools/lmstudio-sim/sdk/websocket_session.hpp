// SPDX-License-Identifier: MIT
#pragma once

#include "http/exchange.hpp"
#include "model/simulator_state.hpp"

namespace lmstudio_sim {

/// Answers the upgrade to a WebSocket and serves that to its end; `id` is the request's in the journal.
void serve_websocket(SimulatorState& simulator, Exchange& exchange, Journal::Id id);

}  // namespace lmstudio_sim
