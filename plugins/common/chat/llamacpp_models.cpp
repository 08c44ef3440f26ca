// SPDX-License-Identifier: MIT
#include "common/chat/llamacpp_models.hpp"

#include <optional>

#include "common/chat/model_list.hpp"

namespace tachikoma::kit {
namespace {

ModelState to_state(std::string_view word) {
  if (word == "loaded") return ModelState::loaded;
  if (word == "loading") return ModelState::loading;
  if (word == "unloaded" || word == "not-loaded" || word == "sleeping") return ModelState::not_loaded;
  if (word == "failed") return ModelState::failed;
  return ModelState::unknown;
}

// The server does not inspect a model that is not loaded: a missing input then does not mean "no".
std::optional<bool> sees_images(const Value& architecture, ModelState state) {
  const Value& inputs = architecture["input_modalities"];
  if (!inputs.is_array()) return std::nullopt;
  for (const Value& each : inputs.elements())
    if (each.as_string() == "image") return true;
  return state == ModelState::not_loaded ? std::nullopt : std::optional(false);
}

}  // namespace

void read_llamacpp_model(const Value& entry, std::string_view basis, ModelInfo& model) {
  const Value& meta = entry["meta"];
  const Value& status = entry["status"];
  model.size_bytes = reported(meta["size"], basis, "a size");
  if (const Value* trained = meta.find("n_ctx_train"))
    model.max_context_length = reported(*trained, basis, "a maximum context length");
  const Value& value = status.is_object() ? status["value"] : status;
  model.state = meta.is_object() ? ModelState::loaded : to_state(value.as_string());
  if (status["failed"].as_bool()) model.state = ModelState::failed;
  model.vision = sees_images(entry["architecture"], model.state);
  if (model.state == ModelState::loaded)
    model.instances.push_back({model.key, reported(meta["n_ctx"], basis, "a loaded context length")});
  if (meta.is_object()) model.extra.set("meta", meta);
}

}  // namespace tachikoma::kit
