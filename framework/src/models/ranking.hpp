// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/model_library.hpp"
#include "tachikoma/model_selector.hpp"

namespace tachikoma::models {

/// A model that may be chosen. Of `model` everything is known but its place.
struct Candidate {
  RankedModel model;
  Sourced<std::int64_t> weights_bytes{};
  std::optional<LibraryModel> facts = {};  ///< absent: the library does not know it
  std::string refused = {};                ///< what its server says if it does not fit; else empty
  bool needs_more = false;                 ///< `model.required_bytes` is a part of what it needs
};

/// "4.9 GB".
std::string gigabytes_of(std::int64_t bytes);

/// Ranks the candidates by `wanted`, which has no models yet, and its budgets. The order of the candidates
/// does not matter.
Selection ranked(Selection wanted, std::vector<Candidate> candidates);

/// The size of a library's model that suits: the largest that fits if `quality` is wanted, else the smallest.
const LibraryModel::Size& suitable_size(const LibraryModel& model, const MemoryBudget& budget, Speed speed,
                                        std::int64_t context);

/// All that it has.
std::int64_t room_in(const MemoryBudget& budget);

}  // namespace tachikoma::models
