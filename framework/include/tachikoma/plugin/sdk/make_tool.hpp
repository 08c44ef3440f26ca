// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tachikoma/plugin/sdk/detail/function_tool.hpp"
#include "tachikoma/plugin/sdk/detail/signature.hpp"
#include "tachikoma/plugin/sdk/param.hpp"
#include "tachikoma/plugin/tool.hpp"

namespace tachikoma {

namespace detail {

template <class F, class R, class... A>
std::unique_ptr<Tool> make_function_tool(std::string name, std::string description, std::vector<Param> params,
                                         F function, Signature<R, A...>) {
  static_assert(context_is_last<A...>(), "a tool's function takes the const CallContext& last");
  static_assert(
      (Parameter<A> && ...),
      "a parameter of a tool's function has a type that json_schema knows, or is a string_view or the "
      "const CallContext&; it is no reference, or one to const");
  static_assert(
      std::is_invocable_v<const F&, A...>,
      "a tool is called from several threads at a time: its function is no mutable lambda, and a member "
      "function that is not const needs a pointer to its object");
  return std::make_unique<FunctionTool<F, A...>>(std::move(name), std::move(description), std::move(params),
                                                 std::move(function));
}

}  // namespace detail

/// A function as a tool. `name` is as `is_tool_name` wants it. The parameters' types give the schema (see
/// `json_schema`), `params` their names, in the function's order; another number of them than the function
/// takes, or a fallback that does not fit, is an `InvalidArgument` exception. The function may take a `const
/// CallContext&` as its last parameter, for long work. It returns a type that `json_schema` knows, nothing
/// (the model is told "done"), or a `Result` of either; what it throws becomes `tool_failed`. It is called
/// from several threads at a time.
template <class F>
std::unique_ptr<Tool> make_tool(std::string name, std::string description, std::vector<Param> params,
                                F function) {
  static_assert(
      detail::HasOneSignature<F>,
      "a tool is made of a function or lambda with one signature: give a generic lambda's parameters "
      "types, and wrap an overloaded function in a lambda");
  if constexpr (detail::HasOneSignature<F>)
    return detail::make_function_tool(std::move(name), std::move(description), std::move(params),
                                      std::move(function), detail::signature_of<F>());
  else
    return nullptr;  // the assertion has said it all
}

/// A member function as a tool. `object` is what it is called on: a copy of its own when it is given by value
/// (the function is const then), or a plain or smart pointer to one that outlives the tool.
template <class Object, class Method>
requires std::is_member_function_pointer_v<Method> std::unique_ptr<Tool> make_tool(
    std::string name, std::string description, std::vector<Param> params, Object object, Method method) {
  return make_tool(std::move(name), std::move(description), std::move(params),
                   detail::bound(std::move(object), method, detail::signature_of<Method>()));
}

}  // namespace tachikoma
