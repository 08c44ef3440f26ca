// SPDX-License-Identifier: MIT
#include "base/not_found.hpp"

#include <utility>

#include "base/lists.hpp"
#include "base/nearest.hpp"

namespace tachikoma::base {

Error not_found(ErrorCode code, std::string message, std::string_view name,
                const std::vector<std::string>& known, std::string_view otherwise) {
  const std::vector<std::string> near = nearest(name, known);
  return Error(code, std::move(message), near.empty() ? std::string(otherwise) : did_you_mean(near),
               Value::object({{"name", name}, {"near", array_of(near)}}));
}

Error not_configured(std::string_view kind, std::string_view id, const std::vector<std::string>& ids) {
  return Error(ErrorCode::config_invalid,
               "no " + std::string(kind) + " '" + std::string(id) + "' is configured",
               did_you_mean(nearest(id, ids)), Value::object({{"key", id}}));
}

}  // namespace tachikoma::base
