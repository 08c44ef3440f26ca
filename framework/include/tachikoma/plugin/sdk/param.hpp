// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// A parameter of a function: what its type can't say.
struct Param {
  std::string name;
  std::string description = {};
  Value fallback = {};  ///< used when the model leaves it out; null: it must be given, unless it is optional
};

inline Param param(std::string name, std::string description = {}, Value fallback = {}) {
  return {std::move(name), std::move(description), std::move(fallback)};
}

}  // namespace tachikoma
