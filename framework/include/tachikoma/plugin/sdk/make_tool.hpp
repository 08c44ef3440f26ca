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
  static_assert((Parameter<A> && ...),
                "a parameter of a tool's function must have a type that json_schema supports, or be a "
                "string_view or the "
                "const CallContext&; it must not be a reference to non-const");
  static_assert(
      std::is_invocable_v<const F&, A...>,
      "a tool is called from several threads at a time: its function must not be a mutable lambda, and a "
      "non-const member function needs a pointer to its object");
  return std::make_unique<FunctionTool<F, A...>>(std::move(name), std::move(description), std::move(params),
                                                 std::move(function));
}

}  // namespace detail

/// Makes a tool from a function. The parameters' types define the schema (see `json_schema`); `params` gives
/// their names, in the function's order. Throws `InvalidArgument` if `is_tool_name(name)` is false, if the
/// number of `params` differs from the function's, or if a fallback does not fit its type. The function may
/// take a `const CallContext&` as its last parameter, to notice cancellation. It returns a type that
/// `json_schema` supports, nothing (the model is told "done"), or a `Result` of either; an exception becomes
/// `tool_failed`. It is called from several threads at a time.
template <class F>
std::unique_ptr<Tool> make_tool(std::string name, std::string description, std::vector<Param> params,
                                F function) {
  static_assert(
      detail::HasOneSignature<F>,
      "a tool is made from a function or lambda with one signature: give a generic lambda's parameters "
      "types, and wrap an overloaded function in a lambda");
  if constexpr (detail::HasOneSignature<F>)
    return detail::make_function_tool(std::move(name), std::move(description), std::move(params),
                                      std::move(function), detail::signature_of<F>());
  else
    return nullptr;  // unreachable: the assertion above has failed
}

/// Makes a tool from a member function. `object` is what it is called on: given by value, the tool keeps a
/// copy (the function must be const); given as a plain or smart pointer, the object must outlive the tool.
template <class Object, class Method>
requires std::is_member_function_pointer_v<Method> std::unique_ptr<Tool> make_tool(
    std::string name, std::string description, std::vector<Param> params, Object object, Method method) {
  return make_tool(std::move(name), std::move(description), std::move(params),
                   detail::bound(std::move(object), method, detail::signature_of<Method>()));
}

}  // namespace tachikoma
