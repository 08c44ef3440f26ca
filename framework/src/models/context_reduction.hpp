// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tachikoma/plugin/load.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::models {

/// The next smaller context to try: a multiple of 256, or the floor. Nullopt if there is none.
std::optional<std::int64_t> next_context(std::int64_t context, double factor, std::int64_t floor);

/// The functions that `load_reducing` calls.
struct LoadSteps {
  std::function<Result<MemoryEstimate>(const LoadSettings&)> estimate;
  std::function<Result<LoadedModel>(const LoadSettings&)> load;
  /// The longest context that the model supports, in tokens.
  std::function<Sourced<std::int64_t>()> max_context;
  /// Tells the user in a sentence what will be tried next.
  std::function<void(const std::string&)> notify;
};

/// Loads the model, applying `context_size_reduction` of the settings: if it does not fit,
/// by the server's estimate or because the load failed, with smaller contexts, down to the floor.
/// The final error is `insufficient_memory` and names the contexts that were tried. Without that setting, one
/// load is made. The settings passed to the steps no longer contain it.
Result<LoadedModel> load_reducing(std::string_view key, LoadSettings settings, const LoadSteps& steps);

}  // namespace tachikoma::models
