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
  constexpr std::size_t kTold = 10;
  std::string hint = did_you_mean(nearest(id, ids));
  if (hint.empty() && !ids.empty() && ids.size() <= kTold)
    hint = (ids.size() == 1 ? "there is " : "there are ") + quoted_list(ids);
  return Error(ErrorCode::config_invalid,
               "no " + std::string(kind) + " '" + std::string(id) + "' is configured", std::move(hint),
               Value::object({{"key", id}}));
}

}  // namespace tachikoma::base
