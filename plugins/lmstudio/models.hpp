// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::lmstudio {

/// What a model is by its `type`, in the words of any surface.
ModelKind kind_of(std::string_view type);

/// One of LM Studio's lists of models, and how to read it. `read` fails with `protocol` when the reply is no
/// such list.
struct ListSurface {
  std::string_view api;   ///< "/api/v1"
  std::string_view path;  ///< "/api/v1/models"
  Result<std::vector<ModelInfo>> (*read)(const Value& reply);
};

/// Every surface that lists models, the one that says most first.
const std::vector<ListSurface>& list_surfaces();

}  // namespace tachikoma::lmstudio
