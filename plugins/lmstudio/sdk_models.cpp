// SPDX-License-Identifier: MIT
#include "lmstudio/sdk_models.hpp"

#include <string>

#include "base/try.hpp"
#include "common/chat/model_list.hpp"
#include "lmstudio/models.hpp"
#include "lmstudio/studio_calls.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr std::string_view kListBasis = "LM Studio, listDownloadedModels";
constexpr std::string_view kLoaded = "LM Studio, listLoaded";

ModelInfo read_model(const Value& entry) {
  ModelInfo model;
  model.key = entry["modelKey"].as_string();
  model.display_name = entry["displayName"].as_string();
  model.publisher = entry["publisher"].as_string();
  model.architecture = entry["architecture"].as_string();
  model.quantization = entry["quantization"]["name"].as_string();
  model.path = entry["path"].as_string();
  model.format = entry["format"].as_string();
  if (model.format == "safetensors") model.format = "mlx";  // as the other lists call it
  model.kind = kind_of(entry["type"].as_string());
  model.state = ModelState::not_loaded;
  model.size_bytes = kit::reported(entry["sizeBytes"], kListBasis, "its size");
  model.max_context_length =
      kit::reported(entry["maxContextLength"], kListBasis, "its maximum context length");
  if (entry["vision"].is_bool()) model.vision = entry["vision"].as_bool();
  if (entry["trainedForToolUse"].is_bool()) model.tool_use = entry["trainedForToolUse"].as_bool();
  read_variants(entry["variants"], entry["selectedVariant"], model);
  for (const char* key : {"paramsString", "variants", "selectedVariant"})
    if (const Value* value = entry.find(key)) model.extra.set(key, *value);
  return model;
}

void add_instance(std::vector<ModelInfo>& models, const Value& entry) {
  for (ModelInfo& model : models) {
    if (model.key != entry["modelKey"].as_string()) continue;
    model.state = ModelState::loaded;
    model.instances.push_back({std::string(entry["identifier"].as_string()),
                               kit::reported(entry["contextLength"], kLoaded, "its context length")});
  }
}

}  // namespace

Result<std::vector<ModelInfo>> list_over_sdk(Studio& studio, const CallContext& context) {
  TACHIKOMA_TRY(const Value downloaded,
                sdk_call(studio, Namespace::system, "listDownloadedModels", {}, context));
  std::vector<ModelInfo> models;
  for (const Value& entry : downloaded.elements()) models.push_back(read_model(entry));
  for (const ModelKind kind : {ModelKind::llm, ModelKind::embedding}) {
    TACHIKOMA_TRY(const Value loaded, sdk_call(studio, namespace_of(kind), "listLoaded", {}, context));
    for (const Value& entry : loaded.elements()) add_instance(models, entry);
  }
  return models;
}

}  // namespace tachikoma::lmstudio
