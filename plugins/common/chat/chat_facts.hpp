// SPDX-License-Identifier: MIT
#pragma once

#include "common/chat/served_model.hpp"
#include "common/errors/server_error.hpp"

namespace tachikoma::kit {

/// What the parser of a chat reply needs to know about the request.
struct ChatFacts {
  RequestFacts request;                ///< for error messages
  bool tools_offered = false;          ///< the request had tools, so the model may call them
  ServedModelJudge judge_served = {};  ///< for the model that the reply names
};

}  // namespace tachikoma::kit
