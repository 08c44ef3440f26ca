// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tachikoma/plugin/sdk/make_tool.hpp"
#include "tachikoma/tool_kit.hpp"

namespace tachikoma {

// Separate from tool_kit.hpp, because the templates that turn C++ functions into tools are slow to compile.

template <class F>
ToolKit& ToolKit::add(std::string name, std::string description, std::vector<Param> params, F function) {
  return add(std::shared_ptr<Tool>(
      make_tool(std::move(name), std::move(description), std::move(params), std::move(function))));
}

template <class Object, class Method>
ToolKit& ToolKit::add(std::string name, std::string description, std::vector<Param> params, Object object,
                      Method method) {
  return add(std::shared_ptr<Tool>(
      make_tool(std::move(name), std::move(description), std::move(params), std::move(object), method)));
}

}  // namespace tachikoma
