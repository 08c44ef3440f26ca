// SPDX-License-Identifier: MIT
#include "llamacpp/model_folder.hpp"

#include <algorithm>
#include <map>
#include <system_error>
#include <tuple>
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

bool is_model_name(const fs::path& file) {
  return base::has_gguf_suffix(file.filename().string()) && !is_later_shard(file) && !is_projector_name(file);
}

// The projector beside the file, where publishers put it.
fs::path projector_of(const fs::path& file) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& each : fs::directory_iterator(file.parent_path(), ignored))
    if (base::has_gguf_suffix(each.path().filename().string()) && is_projector_name(each.path()))
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

// The names that the file may have, the best first: a later one if others of its folder have the former.
std::vector<std::string> keys_for(const fs::path& relative) {
  const std::string name = relative.filename().string();
  const auto shard = base::read_shard_name(name);
  std::vector<std::string> keys;
  for (const std::string& each :
       {shard ? shard->stem : "", std::string(base::without_gguf_suffix(name)), name})
    if (!each.empty()) keys.push_back(fs::path(relative).replace_filename(each).generic_string());
  return keys;
}

// Finds the files of models; linked folders too, each where its link is.
struct Search {
  const fs::path root;
  std::vector<fs::path>& files;
  std::vector<fs::path> above;  // the folders that it is in

  void look_in(const fs::path& folder) {
    std::error_code failed;
    const fs::path real = fs::canonical(folder, failed);
    if (failed || std::find(above.begin(), above.end(), real) != above.end()) return;
    above.push_back(real);
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
      std::error_code ignored;
      if (is_model_name(it->path())) files.push_back(it->path());
      if (it->is_directory(ignored) && !(it->is_symlink(ignored) && is_in_root(it->path())))
        look_in(it->path());
    }
    above.pop_back();
  }

  // What is in there is found without the link.
  bool is_in_root(const fs::path& link) const {
    std::error_code failed;
    const fs::path target = fs::canonical(link, failed);
    return failed ||
           std::mismatch(root.begin(), root.end(), target.begin(), target.end()).first == root.end();
  }
};

}  // namespace

ModelKind kind_of(const base::GgufModel& model) {
  return model.is_embedding() ? ModelKind::embedding : ModelKind::llm;
}

std::vector<ModelFolder::Entry> ModelFolder::entries() const {
  std::vector<fs::path> files;
  std::error_code failed;
  const fs::path root = folder_.empty() ? folder_ : fs::canonical(folder_, failed);
  if (!folder_.empty() && !failed) Search{root, files, {}}.look_in(folder_);
  // a single file comes before shards, so that it keeps its name
  const auto order = [](const fs::path& file) {
    const std::string name = file.filename().string();
    return std::tuple(base::read_shard_name(name).has_value(), file.extension() != ".gguf", file.string());
  };
  std::sort(files.begin(), files.end(), [&](const auto& a, const auto& b) { return order(a) < order(b); });
  std::map<std::string, fs::path> by_key;
  for (const fs::path& file : files)
    for (std::string& key : keys_for(file.lexically_relative(folder_)))
      if (by_key.try_emplace(std::move(key), file).second) break;
  std::vector<Entry> entries;
  for (auto& [key, file] : by_key) entries.push_back({key, std::move(file)});
  return entries;
}

std::vector<ModelInfo> ModelFolder::list() const {
  std::vector<ModelInfo> models;
  for (const auto& [key, file] : entries()) {
    const Result<base::GgufModel> model = base::read_gguf_file(file);
    if (model && model->is_projector()) continue;
    if (model) {
      models.push_back(to_info(key, *model, file));
      continue;
    }
    models.push_back({.key = key,
                      .state = ModelState::failed,
                      .path = file.string(),
                      .extra = Value::object({{"error", model.error().message}})});
  }
  return models;
}

Result<ModelFile> ModelFolder::find(std::string_view key) const {
  fs::path found;
  std::vector<std::string> keys;
  if (key.starts_with('/')) found = base::first_shard(key);
  for (Entry& entry : found.empty() ? entries() : std::vector<Entry>()) {
    if (entry.key == key) found = entry.file;
    keys.push_back(std::move(entry.key));
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
