// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.hpp"
#include "model/simulator_state.hpp"
#include "openai/wire_errors.hpp"

namespace lmstudio_sim {

/// One request on its way through the routes.
struct Call {
  SimulatorState& simulator;
  Exchange& exchange;
  Journal::Id id = 0;
  JsonValue body = {};            ///< the parsed body; null when there is none
  std::string body_problem = {};  ///< why it is not JSON; empty: it is
  std::string model, text;        ///< what a `when` sees
  std::optional<Fault> fault;     ///< what this request shall meet
  std::string_view outcome = "completed";
  ConcurrencySlot slot;
  LoadedModels::InstanceUse use;  ///< the instance's work for it
  const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::time_point> first_token = {};  ///< when it was made

  void fail(const WireError& error) { exchange.send_json(error.status, error.body); }
  RequestFacts facts() const;
};

/// Finds the model for a request and waits until it is loaded. Nothing when the request is over: the
/// error was sent, or the client left.
std::optional<Served> obtain_model(Call& call, bool embedding);

/// Waits for one of the model's slots, which the call then has to its end; false when the client left.
/// From then on the instance is at work.
bool wait_for_slot(Call& call, const Served& served);

}  // namespace lmstudio_sim
