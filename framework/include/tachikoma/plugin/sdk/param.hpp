// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// What the type of a function's parameter does not tell.
struct Param {
  std::string name;
  std::string description = {};
  Value fallback = {};  ///< used if the model leaves it out; null: required, unless its type is optional
};

inline Param param(std::string name, std::string description = {}, Value fallback = {}) {
  return {std::move(name), std::move(description), std::move(fallback)};
}

}  // namespace tachikoma
