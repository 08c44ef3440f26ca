// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "exchange.hpp"
#include "faults.hpp"
#include "journal.hpp"
#include "script.hpp"
#include "world.hpp"

namespace lmstudio_sim {

/// Everything that outlives a request.
struct Simulator {
  Simulator(Script s, double tokens_per_second)
      : script(std::move(s)), world(script), deck(script), speed(tokens_per_second) {}

  const Script script;
  World world;
  Journal journal;
  Deck deck;
  const double speed;
};

/// One request on its way through the routes.
struct Call {
  Simulator& simulator;
  Exchange& exchange;
  Journal::Id id = 0;
  tachikoma::Value body;       ///< the parsed body; null when there is none
  std::string model, text;     ///< what a `when` sees
  std::optional<Fault> fault;  ///< what this request shall meet
  std::string_view outcome = "completed";

  void fail(const WireError& error) { exchange.send_json(error.status, error.body); }
  RequestFacts facts() const;
};

/// Finds the model for a request and waits until it is loaded. Nothing when the request is over: the
/// error was sent, or the client left.
std::optional<Served> obtain_model(Call& call, bool embedding);

}  // namespace lmstudio_sim
