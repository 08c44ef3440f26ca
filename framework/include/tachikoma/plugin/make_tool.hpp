// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tachikoma/plugin/fields.hpp"
#include "tachikoma/plugin/tool.hpp"

namespace tachikoma {

/// A parameter of a function: what its type can't say.
struct Param {
  std::string name;
  std::string description = {};
  Value fallback = {};  ///< used when the model leaves it out; null: it must be given, unless it is optional
};

inline Param param(std::string name, std::string description = {}, Value fallback = {}) {
  return {std::move(name), std::move(description), std::move(fallback)};
}

/// A function as a tool. The parameters' types give the schema (see `json_schema`), `params` their names, in
/// the function's order; another number of them than the function takes is an `InvalidArgument` exception.
/// The function may take a `const CallContext&` as its last parameter, for long work. It returns a type that
/// `json_schema` knows, nothing, or a `Result` of either; what it throws becomes `tool_failed`.
template <class F>
std::unique_ptr<Tool> make_tool(std::string name, std::string description, std::vector<Param> params,
                                F function);

}  // namespace tachikoma
