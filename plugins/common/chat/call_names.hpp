// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "common/chat/pending_text.hpp"
#include "tachikoma/plugin/chat.hpp"

namespace tachikoma::kit {

/// The tool of that name, or null.
inline const ToolSpec* find_tool(std::span<const ToolSpec> tools, std::string_view name) {
  const auto found =
      std::find_if(tools.begin(), tools.end(), [&](const ToolSpec& tool) { return tool.name == name; });
  return found == tools.end() ? nullptr : &*found;
}

/// True if a model may mean a tool by it: it may have a namespace in front.
inline bool is_call_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-.:/").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), fits);
}

}  // namespace tachikoma::kit
