// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "common/errors/fault_class.hpp"
#include "common/errors/server_error.hpp"

namespace tachikoma::kit {

/// "LM Studio at http://localhost:1234".
std::string server_name(const RequestFacts& facts);

/// The first part of a message: what happened, before the server's own words.
std::string fault_lead(FaultClass what, int status, const RequestFacts& facts);

/// What to do about it; may be empty.
std::string fault_hint(FaultClass what, int status, const RequestFacts& facts);

}  // namespace tachikoma::kit
