// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::lmstudio {

/// The kind of a model by its `type` in any API.
ModelKind kind_of(std::string_view type);

/// Adds the other files of a model. The selected one is the model itself, which is loaded by its key: by that
/// name some loads fail. `key@quantization` means it anyway.
void read_variants(const Value& variants, const Value& selected, ModelInfo& model);

/// One of LM Studio's model lists, and how to read it. `read` fails with `protocol` if the reply is not
/// such a list.
struct ListSurface {
  std::string_view api;   ///< "/api/v1"
  std::string_view path;  ///< "/api/v1/models"
  Result<std::vector<ModelInfo>> (*read)(const Value& reply);
};

/// Every API that lists models, the most detailed first.
const std::vector<ListSurface>& list_surfaces();

}  // namespace tachikoma::lmstudio
