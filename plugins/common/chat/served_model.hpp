// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace tachikoma::kit {

/// Whether the model that a reply names is the one that was asked for, under whatever name.
enum class ServedModel : std::uint8_t {
  same,
  other,
  unknown,  ///< not without asking the server
};

/// Judges the name in a reply. Empty: every name is accepted.
using ServedModelJudge = std::function<ServedModel(std::string_view asked, std::string_view served)>;

}  // namespace tachikoma::kit
