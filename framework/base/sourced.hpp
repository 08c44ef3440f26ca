// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tachikoma/plugin/model.hpp"

namespace tachikoma::base {

/// A figure that nobody knows, and why.
template <class T = std::int64_t>
Sourced<T> unknown(std::string why) {
  return {.basis = std::move(why)};
}

/// What `basis` says, or unknown because it "does not say `what`".
template <class T>
Sourced<T> said_by(std::string_view basis, const std::optional<T>& figure, std::string_view what) {
  if (figure) return {*figure, Source::reported, std::string(basis)};
  return unknown<T>(std::string(basis).append(" does not say ").append(what));
}

/// Where a figure comes from, for people: "reported: LM Studio", or why it is not known.
template <class T>
std::string source_of(const Sourced<T>& figure) {
  if (!figure) return figure.basis;
  return std::string(to_string(figure.source)) + (figure.basis.empty() ? "" : ": " + figure.basis);
}

}  // namespace tachikoma::base
