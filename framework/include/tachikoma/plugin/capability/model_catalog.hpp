// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "tachikoma/plugin/call_context.hpp"
#include "tachikoma/plugin/model.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma {

/// Offered by a provider whose server can list its models. [thread-safe]
class ModelCatalog {
 public:
  static constexpr std::string_view kId = "tachikoma.model-catalog/1";

  /// Every model that the server has, loaded or not, in the server's order.
  virtual Result<std::vector<ModelInfo>> list_models(const CallContext& context) = 0;
  /// False if the server may answer for models that it does not list. Such a name is then sent if its user
  /// names the provider too; else it is an error, without asking.
  virtual bool lists_every_model() const { return true; }

 protected:
  ~ModelCatalog() = default;
};

}  // namespace tachikoma
