// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "common/errors/server_error.hpp"
#include "tachikoma/plugin/error.hpp"

namespace tachikoma::kit {

/// The subject of a failure, if its code alone does not determine the message and the hint.
enum class FaultMatter : std::uint8_t {
  other,
  images,          ///< the model can't see
  embeddings,      ///< the model can't embed
  endpoint,        ///< the server does not have the route
  load,            ///< a model could not be loaded, for an unknown reason
  nothing_loaded,  ///< the server loads no model on its own, and has none in memory
  job,             ///< a download that LM Studio does not know
  prompt_form,     ///< the model's template does not accept these messages
  tool,            ///< a tool that LM Studio was to run itself
};

struct FaultClass {
  ErrorCode code;
  FaultMatter matter = FaultMatter::other;
};

/// Classifies a failure: by the status if that is unambiguous, else by the server's own words and
/// codes, else by the status. Servers send most statuses with most failures.
FaultClass classify(int status, const ServerFault& fault);

}  // namespace tachikoma::kit
