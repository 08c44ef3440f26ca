// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "config/document.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::config {

/// A scalar with the type that its schema wants, or what is wrong with it.
struct Scalar {
  Value typed;
  Value shown;
  std::string message = {};  ///< empty when it fits
  std::string hint = {};
};

/// True when the schema takes that JSON type, or any.
bool allows_type(const Value& schema, std::string_view type);

/// Types a node by `schema`, which it may not fit at all: a map where text is wanted is such a fault.
/// The text of a secret is in no message.
Scalar check_scalar(const Node& node, const Value& schema, bool secret, std::string_view base_folder);

}  // namespace tachikoma::config
