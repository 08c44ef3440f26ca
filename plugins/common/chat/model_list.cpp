// SPDX-License-Identifier: MIT
#include "common/chat/model_list.hpp"

#include <string>

#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/sourced.hpp"
#include "common/chat/llamacpp_models.hpp"

namespace tachikoma::kit {
namespace {

ModelInfo read_model(const Value& entry, std::string_view basis) {
  ModelInfo model;
  model.key = entry["id"].as_string();
  for (const Value& alias : entry["aliases"].elements())
    if (!alias.as_string().empty()) model.aliases.emplace_back(alias.as_string());
  model.publisher = entry["owned_by"].as_string();
  model.max_context_length = reported(entry["context_length"], basis, "a maximum context length");
  read_llamacpp_model(entry, basis, model);
  return model;
}

}  // namespace

Sourced<std::int64_t> reported(const Value& value, std::string_view basis, std::string_view what) {
  if (value.is_integer() && value.as_integer() >= 0)
    return {value.as_integer(), Source::reported, std::string(basis)};
  return base::unknown(std::string(basis) + " does not report " + std::string(what));
}

Result<std::vector<ModelInfo>> read_openai_models(const Value& reply, std::string_view basis) {
  const Value* data = reply.find("data");
  if (data && data->is_null() && reply["object"].as_string() == "list") return std::vector<ModelInfo>();
  if (!data || !data->is_array())
    return Error(
        ErrorCode::protocol,
        std::string(basis) + " is not a list of models: '" + base::excerpt(base::to_json(reply)) + "'",
        "check that base_url is where an OpenAI-compatible API starts");
  std::vector<ModelInfo> models;
  models.reserve(data->elements().size());
  for (const Value& entry : data->elements())
    if (!entry["id"].as_string().empty()) models.push_back(read_model(entry, basis));
  return models;
}

}  // namespace tachikoma::kit
