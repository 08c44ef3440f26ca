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

/// One HTTP request being answered.
struct Call {
  SimulatorState& simulator;
  Exchange& exchange;
  Journal::Id id = 0;
  JsonValue body = {};            ///< the parsed body; null when there is none
  std::string body_problem = {};  ///< why the body is not JSON; empty: it is
  std::string model, text;        ///< what a `when` looks at
  std::optional<Fault> fault;     ///< to be applied to this request
  std::string_view outcome = "completed";
  ConcurrencySlot slot;
  LoadedModels::InstanceUse use;  ///< counts this request as work of the instance
  const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::time_point> first_token = {};  ///< when it was generated

  void fail(const WireError& error) { exchange.send_json(error.status, error.body); }
  RequestFacts facts() const;
  /// Waits as long as the client stays.
  Waiter waiter() {
    return [this](std::chrono::microseconds time) { return exchange.wire().wait(time); };
  }
};

/// Finds the model for a request and waits until it is loaded and has a free slot. Nothing when an error was
/// sent or the client left.
std::optional<Served> obtain_model(Call& call, bool embedding);

/// Waits until the instance is loaded, or for a part of that time; false when the client left.
bool wait_for_load(Call& call, const Instance& instance, double part = 1);

/// Waits for one of the model's slots, which the call then holds to its end; false when the client left.
bool wait_for_slot(Call& call, const Served& served);

}  // namespace lmstudio_sim
