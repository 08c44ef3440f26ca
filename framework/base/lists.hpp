// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tachikoma/plugin/value.hpp"

namespace tachikoma::base {

/// "a, b, c"; with " or " as `last`: "a, b or c".
std::string listed(const std::vector<std::string>& words, std::string_view last = ", ");

/// "'a', 'b', 'c'"; with " or " as `last`: "'a', 'b' or 'c'".
std::string quoted_list(const std::vector<std::string>& names, std::string_view last = ", ");

/// One text of each element: `texts_of(tools, &ToolSpec::name)`.
template <class Range, class Text>
std::vector<std::string> texts_of(const Range& range, const Text& text) {
  std::vector<std::string> texts;
  for (const auto& each : range) texts.emplace_back(std::invoke(text, each));
  return texts;
}

/// The elements as an array, each as `value` makes it: `array_of(layers, &Layer::size)`.
template <class Range, class MakeValue = std::identity>
Value array_of(const Range& range, const MakeValue& value = {}) {
  Value::Array array;
  for (const auto& each : range) array.emplace_back(std::invoke(value, each));
  return array;
}

}  // namespace tachikoma::base
