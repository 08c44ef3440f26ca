// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/exception.hpp"

namespace tachikoma {

/// A value or an error. Every function that can fail returns one.
///
/// Test it as a bool, then use `*result`; or call `value()`, which throws the typed exception of
/// exception.hpp. Movable, not copyable. Not synchronised.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Error error) : error_(std::make_unique<Error>(std::move(error))) {}

  explicit operator bool() const noexcept { return value_.has_value(); }

  /// The value; throws the error's exception when there is none.
  T& value() & {
    throw_if_failed();
    return *value_;
  }
  const T& value() const& {
    throw_if_failed();
    return *value_;
  }
  /// By value, so that `for (auto& x : f().value())` is safe.
  T value() && {
    throw_if_failed();
    return std::move(*value_);
  }

  /// The value of a result that is known to have one.
  T& operator*() & noexcept { return *value_; }
  const T& operator*() const& noexcept { return *value_; }
  T&& operator*() && noexcept { return std::move(*value_); }
  T* operator->() noexcept { return &*value_; }
  const T* operator->() const noexcept { return &*value_; }

  // a result is no range, and may have no value
  void begin() const = delete;  // write: for (auto& each : result.value())
  void end() const = delete;    // write: for (auto& each : result.value())

  /// The error of a result that is known to have failed.
  const Error& error() const& noexcept { return *error_; }
  Error&& error() && noexcept { return std::move(*error_); }

 private:
  void throw_if_failed() const {
    if (error_) throw_error(*error_);
  }

  std::optional<T> value_;
  std::unique_ptr<Error> error_;  // held apart: the common case carries one pointer
};

/// The value of a `Status` that succeeded.
struct Done {};
/// Success without a value, or an error: `return Done{};`.
using Status = Result<Done>;

}  // namespace tachikoma
