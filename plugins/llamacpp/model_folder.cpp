// SPDX-License-Identifier: MIT
#include "llamacpp/model_folder.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/not_found.hpp"
#include "base/sourced.hpp"

namespace tachikoma::llamacpp {
namespace {

namespace fs = std::filesystem;

bool is_later_shard(const fs::path& file) {
  const auto shard = base::read_shard_name(file.filename().string());
  return shard && shard->index > 1;
}

bool is_projector_name(const fs::path& file) { return file.filename().string().starts_with("mmproj"); }

// The projector beside the file, where publishers put it.
fs::path projector_of(const fs::path& file) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& each : fs::directory_iterator(file.parent_path(), ignored))
    if (each.path().extension() == base::kGgufSuffix && is_projector_name(each.path()))
      found.push_back(each.path());
  std::sort(found.begin(), found.end());
  return found.empty() ? fs::path() : found.front();
}

ModelInfo to_info(std::string key, const base::GgufModel& model, const fs::path& file) {
  ModelInfo info;
  info.key = std::move(key);
  info.display_name = model.name;
  info.architecture = model.architecture;
  info.quantization = model.quantization;
  info.format = "gguf";
  info.kind = kind_of(model);
  info.state = ModelState::not_loaded;
  info.size_bytes = {static_cast<std::int64_t>(model.size_bytes), Source::measured, "the model's files"};
  info.max_context_length =
      base::said_by("the model's file", model.context_length, "for which context it was trained");
  info.vision = !projector_of(file).empty();
  info.path = file.string();
  return info;
}

}  // namespace

ModelKind kind_of(const base::GgufModel& model) {
  return model.is_embedding() ? ModelKind::embedding : ModelKind::llm;
}

std::string ModelFolder::key_of(const fs::path& file) const {
  fs::path key = file.lexically_relative(folder_);
  const auto shard = base::read_shard_name(file.filename().string());
  key.replace_filename(shard ? shard->stem : file.stem().string());
  return key.generic_string();
}

std::vector<fs::path> ModelFolder::files() const {
  std::vector<fs::path> found;
  if (folder_.empty()) return found;
  std::error_code failed;
  fs::recursive_directory_iterator it(folder_, fs::directory_options::skip_permission_denied, failed), end;
  for (; !failed && it != end; it.increment(failed))
    if (it->path().extension() == base::kGgufSuffix && !is_later_shard(it->path()) &&
        !is_projector_name(it->path()))
      found.push_back(it->path());
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<ModelInfo> ModelFolder::list() const {
  std::vector<ModelInfo> models;
  for (const fs::path& file : files()) {
    const Result<base::GgufModel> model = base::read_gguf_file(file);
    if (model && model->is_projector()) continue;
    if (model) {
      models.push_back(to_info(key_of(file), *model, file));
      continue;
    }
    models.push_back({.key = key_of(file),
                      .state = ModelState::failed,
                      .path = file.string(),
                      .extra = Value::object({{"error", model.error().message}})});
  }
  return models;
}

Result<ModelFile> ModelFolder::find(std::string_view key) const {
  fs::path found;
  std::vector<std::string> keys;
  if (key.starts_with('/')) found = key;
  for (const fs::path& file : found.empty() ? files() : std::vector<fs::path>()) {
    keys.push_back(key_of(file));
    if (keys.back() == key) found = file;
  }
  if (found.empty()) {
    if (folder_.empty())
      return base::not_found(ErrorCode::model_not_found,
                             "there is no model '" + std::string(key) +
                                 "': 'models_dir' is not set, so only the path of a .gguf file names one",
                             key, {}, "set models_dir to the folder with the models, or name a file");
    return base::not_found(ErrorCode::model_not_found,
                           "there is no model '" + std::string(key) + "' in '" + folder_.string() + "'", key,
                           keys, "");
  }
  Result<base::GgufModel> model = base::read_gguf_file(found);
  if (!model) {
    Error error = std::move(model).error();
    // the caller named a damaged file, whether we or the engine notice it
    if (error.code == ErrorCode::protocol) error.code = ErrorCode::invalid_argument;
    return error;
  }
  if (model->is_projector())
    return Error(ErrorCode::invalid_argument,
                 "'" + found.string() + "' is only the part of a model that sees images",
                 "name the model that it belongs to");
  return ModelFile{std::string(key), found, projector_of(found), *std::move(model)};
}

}  // namespace tachikoma::llamacpp
