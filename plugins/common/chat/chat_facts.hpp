// SPDX-License-Identifier: MIT
#pragma once

#include "common/chat/served_model.hpp"
#include "common/errors/server_error.hpp"

namespace tachikoma::kit {

/// What reading the reply to a chat needs to know about its request.
struct ChatFacts {
  RequestFacts request;                ///< for error messages
  bool tools_offered = false;          ///< the model was told of tools, so it may call them
  ServedModelJudge judge_served = {};  ///< of the model that the reply names
};

}  // namespace tachikoma::kit
