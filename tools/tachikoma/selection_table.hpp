// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "option_set.hpp"

#include <tachikoma/model_selector.hpp>

namespace tachikoma::cli {

/// `--ram`, `--vram` and `--context`.
void add_memory_options(OptionSet& set, Options& options);

/// The selector of these options.
ModelSelector selector_of(const Options& options);

/// Models of a selection as a table for people, in their order, at most `room` wide.
std::string selection_table(const std::vector<RankedModel>& models, std::size_t room);

/// "12.8 GB of RAM and 19.2 GB of GPU memory to spare", for each provider.
std::string room_line(const MemoryBudget& budget);

/// Whether it fits, and where: "GPUs", "GPUs and RAM", "RAM", or "-" where that is not known.
std::string place_of(const RankedModel& model);

}  // namespace tachikoma::cli
