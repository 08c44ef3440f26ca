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

/// The next smaller context to try: a multiple of 256, or the floor. Nothing when there is none.
std::optional<std::int64_t> next_context(std::int64_t context, double factor, std::int64_t floor);

/// What `load_reducing` needs.
struct LoadSteps {
  std::function<Result<MemoryEstimate>(const LoadSettings&)> estimate;
  std::function<Result<LoadedModel>(const LoadSettings&)> load;
  /// How long a context the model can have, in tokens.
  std::function<Sourced<std::int64_t>()> max_context;
  /// Tells the user in a sentence what is tried next.
  std::function<void(const std::string&)> tell;
};

/// Loads the model, and does what `context_size_reduction` of the settings asks for: where it does not fit,
/// by the server's estimate or because the load failed for that, with smaller contexts, down to the floor.
/// Then the error is `insufficient_memory` and names the contexts that were tried. Without that setting one
/// load is made. What is handed to the steps does not have it any more.
Result<LoadedModel> load_reducing(std::string_view key, LoadSettings settings, const LoadSteps& steps);

}  // namespace tachikoma::models
