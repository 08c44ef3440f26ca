// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>

#include "calls/retry.hpp"
#include "models/relay.hpp"
#include "tachikoma/model_management.hpp"

namespace tachikoma::models {

/// A load on one server.
struct ServerLoad {
  const calls::Providers& providers;
  calls::BlockingRequest& request;
  const calls::CallTarget& there;
  const LoadRequest& model;
  const LoadCallback& on_event;
  Relay& relay;  ///< of `request`
  std::stop_token stop;
};

/// Carries it out, with smaller contexts if the settings allow that.
Result<LoadedModel> carry_out(const ServerLoad& load);

}  // namespace tachikoma::models
