// SPDX-License-Identifier: MIT
#pragma once

#include "sessions/form_reader.hpp"
#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::sessions {

/// Reads what `to_value` writes; the reader has what is wrong, and what is not known.
Message read_message(FormReader& reader, const Value& from);

}  // namespace tachikoma::sessions
