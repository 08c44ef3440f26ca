// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tachikoma/model_registry.hpp"

namespace tachikoma {

/// A listed model that a name stands for, and the name that its server is asked with.
struct NameMatch {
  const ListedModel* model;
  std::string wire_name;
};

/// What `name` stands for among `models`: by instance id, key, last segment of a key, then segment plus
/// quantization suffix; case-insensitively. The first step with a match decides; it may find several.
std::vector<NameMatch> match_name(std::string_view name, const std::vector<ListedModel>& models);

/// The instance that a request for this model should reach: its first, or its key when none is loaded.
std::string wire_name(const ModelInfo& info);

}  // namespace tachikoma
