// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <vector>

#include "models/management.hpp"
#include "tachikoma/model_selector.hpp"

namespace tachikoma::models {

/// What a selection asks.
struct SelectionSources {
  const Management& management;
  const calls::Providers& providers;
};

/// Implements `ModelSelector::rank` over some providers. With one provider, its failure is that of the whole.
Result<Selection> select(const SelectionSources& sources,
                         const std::vector<const calls::ConfiguredProvider*>& providers,
                         const ModelSelector& selector, Task task, std::stop_token stop);

}  // namespace tachikoma::models
