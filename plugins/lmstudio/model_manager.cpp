// SPDX-License-Identifier: MIT
#include "lmstudio/model_manager.hpp"

#include <string>
#include <utility>

#include "base/try.hpp"
#include "lmstudio/hardware.hpp"
#include "lmstudio/load_fields.hpp"
#include "lmstudio/model_status.hpp"
#include "lmstudio/rest_loading.hpp"
#include "lmstudio/sdk_loading.hpp"
#include "lmstudio/studio_calls.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr std::string_view kListDownloaded = "listDownloadedModels";

Result<LoadedModel> load_somehow(Studio& studio, const LoadRequest& request, LoadSink& sink,
                                 const CallContext& context) {
  const Result<Value> models = sdk_call(studio, Namespace::system, kListDownloaded, {}, context);
  if (!models && is_without_sdk(models.error()))
    return load_over_rest(studio, request, why_without_sdk(models.error()), context);
  if (!models) return models.error();
  TACHIKOMA_TRY(const PlannedLoad plan, plan_load(studio, request, *models, context));
  Result<LoadedModel> loaded = load_over_sdk(studio, request, plan, sink, context);
  if (loaded || !plan.device.empty()) return loaded;  // the memory of another machine is not known
  return with_available_memory(std::move(loaded).error(), studio);
}

Status unload_over_sdk(Studio& studio, std::string_view instance, const CallContext& context) {
  const Value parameter = Value::object({{"identifier", instance}});
  const Result<Value> done = sdk_call(studio, Namespace::llm, "unloadModel", parameter, context);
  if (done) return Done{};
  if (done.error().code != ErrorCode::model_not_found) return done.error();
  if (sdk_call(studio, Namespace::embedding, "unloadModel", parameter, context)) return Done{};
  return done.error();
}

}  // namespace

Result<LoadedModel> StudioModels::load(const LoadRequest& request, LoadSink& sink,
                                       const CallContext& context) {
  TACHIKOMA_TRY_STATUS(check_load_settings(request.settings));
  return load_somehow(studio_, request, sink, context);
}

Status StudioModels::unload(std::string_view instance, const CallContext& context) {
  Status done = unload_over_sdk(studio_, instance, context);
  if (done || !is_without_sdk(done.error())) return done;
  return unload_over_rest(studio_, instance, context);
}

Result<std::vector<ModelStatus>> StudioModels::loaded(const CallContext& context) {
  Result<std::vector<ModelStatus>> all = loaded_over_sdk(studio_, context);
  if (all || !is_without_sdk(all.error())) return all;
  return loaded_over_rest(studio_, why_without_sdk(all.error()), context);
}

Result<MemoryEstimate> StudioModels::estimate(const LoadRequest& request, const CallContext& context) {
  TACHIKOMA_TRY_STATUS(check_load_settings(request.settings));
  const Result<Value> models = sdk_call(studio_, Namespace::system, kListDownloaded, {}, context);
  if (!models && is_without_sdk(models.error()))
    return Error(
        ErrorCode::unsupported,
        "LM Studio can't estimate the memory of a load over HTTP, and " + why_without_sdk(models.error()),
        "check that LM Studio runs and that base_url leads to it without a proxy that refuses WebSockets");
  if (!models) return models.error();
  TACHIKOMA_TRY(const PlannedLoad plan, plan_load(studio_, request, *models, context));
  return estimate_over_sdk(studio_, {request.key, plan.kind, plan.device}, config_stack(plan.fields.fields),
                           context);
}

}  // namespace tachikoma::lmstudio
