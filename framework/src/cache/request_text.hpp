// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "models/model_chain.hpp"
#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::cache {

/// What a generation asks a model first.
struct FirstRequest {
  std::string_view provider;  ///< a text that says which provider, and what may change its answers
  const models::ResolvedTarget& target;
  const ChatRequest& chat;  ///< its model counts for nothing: that of the target does
  std::size_t max_steps;
  std::function<bool(const std::string& tool)> runs;  ///< whether calls of that tool are run
};

/// The whole request in one form: two that may be answered differently never have the same text. The order of
/// members in JSON values does not count.
std::string text_of(const FirstRequest& request);

}  // namespace tachikoma::cache
