// SPDX-License-Identifier: MIT
#include "base/json_pointer.hpp"

#include <algorithm>
#include <charconv>

namespace tachikoma::base {

std::string pointer_step(std::string_view name) {
  std::string step;
  append_pointer_step(step, name);
  return step;
}

void append_pointer_step(std::string& pointer, std::string_view name) {
  pointer += '/';
  const std::size_t start = pointer.size();
  pointer += name;
  for (std::size_t i = start; i < pointer.size(); ++i) {
    if (pointer[i] != '~' && pointer[i] != '/') continue;
    pointer.replace(i, 1, pointer[i] == '~' ? "~0" : "~1");
    ++i;
  }
}

std::string take_step(std::string_view& pointer) {
  const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
  const std::string_view step = pointer.substr(1, end - 1);
  pointer.remove_prefix(end);
  std::string name;
  for (std::size_t i = 0; i < step.size(); ++i) {
    const bool escape = step[i] == '~' && i + 1 < step.size();
    name += escape ? (step[++i] == '1' ? '/' : '~') : step[i];
  }
  return name;
}

const Value* find_element(const Value& array, std::string_view step) {
  std::size_t index = 0;
  const auto [end, failure] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (failure != std::errc() || end != step.data() + step.size() || index >= array.elements().size())
    return nullptr;
  return &array.elements()[index];
}

const Value* find_at(const Value& root, std::string_view pointer) {
  const Value* at = &root;
  while (at && !pointer.empty()) {
    const std::string step = take_step(pointer);
    at = at->is_array() ? find_element(*at, step) : at->find(step);
  }
  return at;
}

}  // namespace tachikoma::base
