// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "http/exchange.hpp"
#include "http/server.hpp"
#include "model/concurrency_slots.hpp"
#include "model/conversations.hpp"
#include "model/scripted_responses.hpp"
#include "openai/wire_errors.hpp"
#include "world/journal.hpp"
#include "world/loaded_models.hpp"
#include "world/log_broadcast.hpp"
#include "world/script.hpp"
#include "world/uploads.hpp"
#include "world/websocket_clients.hpp"

namespace lmstudio_sim {

/// Everything that outlives a request.
struct Simulator {
  Simulator(Script s, double tokens_per_second);
  /// Null when the model answers any number of requests at once.
  Seats* seats_of(const ModelSpec& model);

  const Script script;
  Library library;  // of `script`
  World world;      // of both
  Journal journal;
  Deck deck;
  Conversations conversations;
  LogFeed logs;
  Uploads uploads;
  SdkClients clients;  // of `script`
  const double speed;
  SwitchedServer* http = nullptr;  ///< clients of the WebSocket start and stop it

 private:
  std::map<std::string, Seats, std::less<>> seats_;  // by model key
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
  Seat seat;
  World::Task task;  ///< the instance's work for it
  const std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  std::optional<std::chrono::steady_clock::time_point> first_token = {};  ///< when it was made

  void fail(const WireError& error) { exchange.send_json(error.status, error.body); }
  RequestFacts facts() const;
};

/// Finds the model for a request and waits until it is loaded. Nothing when the request is over: the
/// error was sent, or the client left.
std::optional<Served> obtain_model(Call& call, bool embedding);

/// Waits for one of the model's seats, which the call then has to its end; false when the client left.
/// From then on the instance is at work.
bool take_seat(Call& call, const Served& served);
/// The same for whoever can wait until a descriptor can be read.
bool take_seat(Simulator& simulator, const ModelSpec& model, Seat& seat,
               const std::function<bool(int)>& wait_readable);

}  // namespace lmstudio_sim
