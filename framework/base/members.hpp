// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::base {

/// The value of an object's member, to be changed: to find one of very many by its name takes long.
inline Value& member_at(Value& object, std::size_t index) {
  return const_cast<Value&>(std::as_const(object).members()[index].value);
}

}  // namespace tachikoma::base
