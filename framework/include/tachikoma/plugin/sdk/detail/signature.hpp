// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/sdk/detail/json_type.hpp"

namespace tachikoma::detail {

/// A function's return type and parameter types.
template <class R, class... A>
struct Signature {};

template <class F>
struct SignatureOf;
template <class R, class... A>
struct SignatureOf<R (*)(A...)> {
  using Type = Signature<R, A...>;
};
template <class R, class... A>
struct SignatureOf<R (*)(A...) noexcept> : SignatureOf<R (*)(A...)> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...)> : SignatureOf<R (*)(A...)> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...) noexcept> : SignatureOf<R (*)(A...)> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...) const> : SignatureOf<R (*)(A...)> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...) const noexcept> : SignatureOf<R (*)(A...)> {};

template <class F>
concept HasOneSignature = requires {
  typename SignatureOf<F>::Type;
}
|| requires { typename SignatureOf<decltype(&F::operator())>::Type; };

template <class F>
constexpr auto signature_of() {
  if constexpr (requires { typename SignatureOf<F>::Type; })
    return typename SignatureOf<F>::Type{};
  else
    return typename SignatureOf<decltype(&F::operator())>::Type{};
}

/// A member function bound to its object, or to a pointer to it.
template <class Object, class Method, class R, class... A>
auto bound(Object object, Method method, Signature<R, A...>) {
  return [object = std::move(object), method](A... arguments) -> R {
    return std::invoke(method, object, std::forward<A>(arguments)...);
  };
}

template <class A>
inline constexpr bool kIsContext = std::same_as<A, const CallContext&>;

/// The type that holds a parameter's value before the call.
template <class A>
struct StoredAs {
  using Type = std::remove_cvref_t<A>;
};
template <class A>
requires std::same_as<std::remove_cvref_t<A>, std::string_view>
struct StoredAs<A> {
  using Type = std::string;
};
struct Nothing {};
template <>
struct StoredAs<const CallContext&> {
  using Type = Nothing;  // not read from the arguments: the host supplies it
};
template <class A>
using Stored = typename StoredAs<A>::Type;

template <class A>
concept Parameter = kIsContext<A> ||(HasJsonType<Stored<A>> && (!std::is_lvalue_reference_v<A> ||
                                                                std::is_const_v<std::remove_reference_t<A>>));

/// True when no parameter but the last is a context.
template <class... A>
constexpr bool context_is_last() {
  std::size_t position = 0, found = sizeof...(A);
  ((kIsContext<A> && found == sizeof...(A) ? void(found = position++) : void(++position)), ...);
  return found + 1 >= sizeof...(A);
}

/// The number of parameters that the model supplies.
template <class... A>
inline constexpr std::size_t kGivenByModel = (std::size_t{0} + ... + (kIsContext<A> ? 0 : 1));

}  // namespace tachikoma::detail
