// SPDX-License-Identifier: MIT
#include "models/management.hpp"

#include <utility>

#include "calls/retry.hpp"
#include "tachikoma/plugin/capability/model_manager.hpp"

namespace tachikoma::models {

Result<ManagedModel> Management::find(std::string_view name, std::stop_token stop,
                                      const char* ability) const {
  Result<ResolvedModel> model = registry_.resolve(name, std::move(stop));
  if (!model) return std::move(model).error();
  const Result<const calls::ConfiguredProvider*> provider = providers_.find(model->provider);
  if (!provider) return provider.error();
  if (Status able = (*provider)->check_able<ModelManager>(ability); !able) return std::move(able).error();
  return ManagedModel{*provider, *std::move(model), registry_.name_on_server(name)};
}

Result<Hardware> Management::hardware(const calls::ConfiguredProvider& provider, std::stop_token stop) const {
  if (Status able = provider.check_able<HardwareSurvey>("describe its hardware"); !able)
    return std::move(able).error();
  return calls::call_provider<Hardware>(providers_, provider, std::move(stop), calls::Counts::no,
                                        [](calls::Server& server, const CallContext& context) {
                                          return server.capability<HardwareSurvey>()->survey(context);
                                        });
}

}  // namespace tachikoma::models
