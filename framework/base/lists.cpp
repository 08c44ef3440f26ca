// SPDX-License-Identifier: MIT
#include "base/lists.hpp"

#include "base/excerpt.hpp"

namespace tachikoma::base {

std::string listed(const std::vector<std::string>& words, std::string_view last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i) text += i + 1 == words.size() ? last : ", ";
    text += words[i];
  }
  return text;
}

std::string quoted_list(const std::vector<std::string>& names, std::string_view last) {
  return listed(texts_of(names, [](const std::string& name) { return "'" + printable(name) + "'"; }), last);
}

}  // namespace tachikoma::base
