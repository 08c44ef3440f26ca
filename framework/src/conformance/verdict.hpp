// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include "tachikoma/plugin_check.hpp"

namespace tachikoma::conformance {

/// What a check found; as `CheckResult`.
struct Verdict {
  CheckStatus status = CheckStatus::pass;
  std::string reason = {};
};

inline Verdict pass() { return {}; }
inline Verdict fail(std::string reason) { return {CheckStatus::fail, std::move(reason)}; }
inline Verdict skip(std::string reason) { return {CheckStatus::skip, std::move(reason)}; }

/// Of several components: the first failure counts, then that one of them passed.
inline Verdict both(Verdict first, Verdict second) {
  if (first.status == CheckStatus::fail || second.status == CheckStatus::skip) return first;
  return second.status == CheckStatus::fail || first.status == CheckStatus::skip ? second : first;
}

}  // namespace tachikoma::conformance
