// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

#include "common/chat/markers.hpp"

namespace tachikoma::kit {

/// How a family of models marks tool calls in the text of its answer.
struct CallForm {
  std::string_view opening;
  std::string_view closing;  ///< starts with the same character; empty: the calls end with the text
  bool is_in_marks = false;  ///< the marks are a part of the call
};

std::span<const CallForm> call_forms();

/// The openings of `call_forms`, by their numbers.
const Markers& call_openings();

/// What separates calls, or ends them, between the marks of a form.
std::span<const std::string_view> call_separators();

/// Marks of the end of a text, among the former.
std::span<const std::string_view> text_ends();

/// What families write between the name of a call and its arguments.
std::span<const std::string_view> argument_marks();

}  // namespace tachikoma::kit
