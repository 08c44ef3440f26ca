// SPDX-License-Identifier: MIT
#include "models/management.hpp"

#include <utility>

#include "base/try.hpp"
#include "calls/retry.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {

Result<ManagedModel> Management::find(std::string_view name, std::stop_token stop,
                                      const char* ability) const {
  TACHIKOMA_TRY(ResolvedModel model, registry_.resolve(name, std::move(stop)));
  TACHIKOMA_TRY(const calls::ConfiguredProvider* const provider, providers_.find(model.provider));
  TACHIKOMA_TRY_STATUS(provider->check_able<ModelManager>(ability));
  return ManagedModel{provider, std::move(model), registry_.name_on_server(name)};
}

Result<Hardware> Management::hardware(const calls::ConfiguredProvider& provider, std::stop_token stop) const {
  TACHIKOMA_TRY_STATUS(provider.check_able<HardwareSurvey>("describe its hardware"));
  return calls::call_provider<Hardware>(
      providers_, calls::CallTarget(provider).question(), std::move(stop), calls::Counts::no,
      [](const calls::PluginCall& call) {
        return call.server.capability<HardwareSurvey>()->survey(call.context);
      });
}

}  // namespace tachikoma::models
