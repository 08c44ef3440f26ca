// SPDX-License-Identifier: MIT
#include "common/chat/model_list.hpp"

#include <optional>
#include <string>

#include "base/excerpt.hpp"
#include "base/json.hpp"

namespace tachikoma::kit {
namespace {

ModelState to_state(std::string_view word) {
  if (word == "loaded") return ModelState::loaded;
  if (word == "loading") return ModelState::loading;
  if (word == "unloaded" || word == "not-loaded" || word == "sleeping") return ModelState::not_loaded;
  if (word == "failed") return ModelState::failed;
  return ModelState::unknown;
}

// llama.cpp's server does not look into a model that is not loaded: what it says of its inputs is no "no"
// then.
std::optional<bool> sees_images(const Value& architecture, ModelState state) {
  const Value& inputs = architecture["input_modalities"];
  if (!inputs.is_array()) return std::nullopt;
  for (const Value& each : inputs.elements())
    if (each.as_string() == "image") return true;
  return state == ModelState::not_loaded ? std::nullopt : std::optional(false);
}

// llama.cpp's server says what the model is in `meta`, its router how it is in `status`.
ModelInfo read_model(const Value& entry, std::string_view basis) {
  ModelInfo model;
  model.key = entry["id"].as_string();
  model.publisher = entry["owned_by"].as_string();
  const Value& meta = entry["meta"];
  const Value& status = entry["status"];
  model.size_bytes = reported(meta["size"], basis, "a size");
  const Value& trained = meta.find("n_ctx_train") ? meta["n_ctx_train"] : entry["context_length"];
  model.max_context_length = reported(trained, basis, "a maximum context length");
  const Value& value = status.is_object() ? status["value"] : status;
  model.state = meta.is_object() ? ModelState::loaded : to_state(value.as_string());
  if (status["failed"].as_bool()) model.state = ModelState::failed;
  model.vision = sees_images(entry["architecture"], model.state);
  if (model.state == ModelState::loaded)
    model.instances.push_back({model.key, reported(meta["n_ctx"], basis, "a loaded context length")});
  if (meta.is_object()) model.extra.set("meta", meta);
  return model;
}

}  // namespace

Sourced<std::int64_t> reported(const Value& value, std::string_view basis, std::string_view what) {
  if (value.is_integer() && value.as_integer() >= 0)
    return {value.as_integer(), Source::reported, std::string(basis)};
  return {0, Source::unknown, std::string(basis) + " does not report " + std::string(what)};
}

Result<std::vector<ModelInfo>> read_openai_models(const Value& reply, std::string_view basis) {
  const Value* data = reply.find("data");
  if (!data || !data->is_array())
    return Error(ErrorCode::protocol,
                 std::string(basis) + " is no list of models: '" + base::excerpt(base::to_json(reply)) + "'",
                 "check that base_url is where an OpenAI-compatible API starts");
  std::vector<ModelInfo> models;
  for (const Value& entry : data->elements())
    if (!entry["id"].as_string().empty()) models.push_back(read_model(entry, basis));
  return models;
}

}  // namespace tachikoma::kit
