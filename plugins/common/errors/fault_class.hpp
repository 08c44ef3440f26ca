// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "common/errors/server_error.hpp"
#include "tachikoma/plugin/error.hpp"

namespace tachikoma::kit {

/// What a failure is about, where its code alone does not say what to tell and advise.
enum class FaultMatter : std::uint8_t {
  other,
  images,          ///< the model can't see
  embeddings,      ///< the model can't embed
  endpoint,        ///< the server does not have the route
  load,            ///< a model could not be loaded, and nobody says why
  nothing_loaded,  ///< the server loads no model on its own, and has none in memory
  job,             ///< a download that the server, an LM Studio, does not know
  prompt_form,     ///< the model's template does not take these messages
  tool,            ///< a tool that the server, an LM Studio, was to run, not the model
};

struct FaultClass {
  ErrorCode code;
  FaultMatter matter = FaultMatter::other;
};

/// What kind of failure it is: by the status where that is beyond doubt, else by the server's own words and
/// codes, else by the status. Servers are known to send most statuses with most failures.
FaultClass classify(int status, const ServerFault& fault);

}  // namespace tachikoma::kit
