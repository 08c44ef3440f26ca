// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/plugin/error.hpp"

namespace tachikoma::base {

/// For a `name` that is none of `known`: the hint asks for the near ones, or is `otherwise` where none is
/// near; `detail` has the name and those near ones, as docs/errors.md has it.
Error not_found(ErrorCode code, std::string message, std::string_view name,
                const std::vector<std::string>& known, std::string_view otherwise);

/// For an id that the configuration has not: "no provider 'x' is configured". The hint asks for the near
/// ones, or names those that there are.
Error not_configured(std::string_view kind, std::string_view id, const std::vector<std::string>& ids);

}  // namespace tachikoma::base
