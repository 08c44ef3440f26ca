// SPDX-License-Identifier: MIT
// A call that fails ends the function that made it: what it failed with is returned. For functions that
// return a Result or a Status, and that are no coroutines.
#pragma once

#include <utility>

#include "tachikoma/plugin/result.hpp"

/// Declares a variable with what a call gave: `TACHIKOMA_TRY(const Value reply, ask(server));`, or sets one.
/// These are several statements, so braces must stand around it behind an `if`.
#define TACHIKOMA_TRY(declaration, ...) \
  TACHIKOMA_TRY_NAMED(TACHIKOMA_JOINED(tachikoma_result_, __LINE__), declaration, __VA_ARGS__)

/// The same for a call that gives nothing, or what nobody needs: `TACHIKOMA_TRY_STATUS(check(request));`.
#define TACHIKOMA_TRY_STATUS(...)                                                                           \
  do {                                                                                                      \
    if (auto tachikoma_status = __VA_ARGS__; !tachikoma_status) return std::move(tachikoma_status).error(); \
  } while (false)

#define TACHIKOMA_TRY_NAMED(result, declaration, ...) \
  auto result = __VA_ARGS__;                          \
  if (!result) return std::move(result).error();      \
  declaration = *std::move(result)
#define TACHIKOMA_JOINED(a, b) TACHIKOMA_JOINED_AS_THEY_ARE(a, b)
#define TACHIKOMA_JOINED_AS_THEY_ARE(a, b) a##b
