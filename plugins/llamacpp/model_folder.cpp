// SPDX-License-Identifier: MIT
#include "llamacpp/model_folder.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/not_found.hpp"
#include "base/sourced.hpp"
#include "base/try.hpp"
#include "llamacpp/projectors.hpp"

namespace tachikoma::llamacpp {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kUnreadTold = 3;

// By the folder that they are in.
using Folders = std::map<fs::path, std::vector<const GgufFile*>>;

// The files in the folder of `model` and in those above, as far as there are any.
std::vector<const GgufFile*> files_around(const GgufFile& model, const Folders& folders) {
  std::vector<const GgufFile*> around;
  for (fs::path folder = model.path.parent_path();; folder = folder.parent_path()) {
    if (const auto found = folders.find(folder); found != folders.end())
      around.insert(around.end(), found->second.begin(), found->second.end());
    if (!folder.has_relative_path()) return around;
  }
}

// A number that llama.cpp may know is told, and left to it.
std::string quantization_of(const base::GgufModel& model) {
  if (!model.quantization.empty()) return model.quantization;
  if (model.file_type) return "file type " + std::to_string(*model.file_type);
  return model.tensors.unknown_types.empty()
             ? std::string()
             : "tensor type " + std::to_string(model.tensors.unknown_types.front());
}

ModelInfo info_of(std::string key, const GgufFile& file, const GgufFile* projector) {
  const base::GgufModel& model = file.model;
  ModelInfo info;
  info.key = std::move(key);
  info.display_name = model.name;
  info.architecture = model.architecture;
  info.quantization = quantization_of(model);
  info.format = "gguf";
  info.kind = kind_of(model);
  info.state = ModelState::not_loaded;
  info.size_bytes = {static_cast<std::int64_t>(model.size_bytes), Source::measured, "the model's files"};
  info.max_context_length =
      base::said_by("the model's file", model.context_length, "for which context it was trained");
  info.vision = projector && projector->model.sees;
  info.path = file.path.string();
  if (model.is_reranker()) info.extra.set("file", "reranker");
  if (projector) {
    info.extra.set("projector", projector->path.string());
    if (projector->model.hears) info.extra.set("audio", true);
  }
  return info;
}

ModelInfo unusable(std::string key, const fs::path& file, const Error& error) {
  ModelInfo info{.key = std::move(key),
                 .state = ModelState::failed,
                 .path = file.string(),
                 .extra = Value::object({{"error", error.message}, {"hint", error.hint}})};
  if (const Value* kind = error.detail.find("file")) info.extra.set("file", *kind);
  return info;
}

Error fits_nothing(const GgufFile& projector) {
  return Error(ErrorCode::invalid_argument,
               base::quoted_path(projector.path) +
                   ": the file is only the part of a model that sees images or hears sounds, " +
                   purpose_of(projector.model) + ", and no model beside or below it fits",
               "put it beside its model, or remove it", Value::object({{"file", "projector"}}));
}

std::string text_of(const FolderScan::Unread& unread) {
  return base::quoted_path(unread.path) + " can't be searched: " + unread.why;
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

}  // namespace

ModelKind kind_of(const base::GgufModel& model) {
  if (model.is_reranker()) return ModelKind::unknown;
  return model.is_embedding() ? ModelKind::embedding : ModelKind::llm;
}

std::vector<ModelFolder::Entry> ModelFolder::entries(std::vector<fs::path> files) const {
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

ModelFolder::Contents ModelFolder::contents() const {
  Contents contents;
  if (folder_.empty()) return contents;
  FolderScan scan = scan_folder(folder_);
  contents.unread = std::move(scan.unread);
  std::map<std::string, GgufFile> known;  // by key
  Folders folders;
  for (const auto& [key, file] : entries(std::move(scan.files))) {
    Result<base::GgufModel> model = read_file(file);
    if (!model) {
      contents.models.push_back(unusable(key, file, model.error()));
      continue;
    }
    const GgufFile& added = known.emplace(key, GgufFile{file, *std::move(model)}).first->second;
    folders[file.parent_path()].push_back(&added);
  }
  std::set<const GgufFile*> fitting;  // projectors that a model could use
  for (const auto& [key, file] : known) {
    if (no_model(file)) continue;
    const std::vector<const GgufFile*> around = files_around(file, folders);
    contents.models.push_back(info_of(key, file, choose_projector(file, around)));
    for (const GgufFile* each : around)
      if (each->model.is_projector() && fit(each->model, file.model) != Fit::no) fitting.insert(each);
  }
  for (const auto& [key, file] : known) {
    if (fitting.contains(&file)) continue;
    if (file.model.is_projector())
      contents.models.push_back(unusable(key, file.path, fits_nothing(file)));
    else if (const auto error = no_model(file))
      contents.models.push_back(unusable(key, file.path, *error));
  }
  std::sort(contents.models.begin(), contents.models.end(),
            [](const ModelInfo& a, const ModelInfo& b) { return a.key < b.key; });
  return contents;
}

ModelInfo ModelFolder::to_info(const FolderScan::Unread& unread) const {
  const std::string key = (unread.path.lexically_relative(folder_) / "").generic_string();
  ModelInfo info = unusable(key, unread.path,
                            Error(ErrorCode::invalid_argument, text_of(unread),
                                  "make it readable, or move what is not needed out of models_dir"));
  info.extra.set("unread", true);
  return info;
}

// Those beside the model and in the folders above it, up to the models folder; elsewhere in the one above.
fs::path ModelFolder::projector_of(const GgufFile& model) const {
  const fs::path own = model.path.parent_path();
  const fs::path relative = folder_.empty() ? fs::path("..") : own.lexically_relative(folder_);
  const bool inside = !relative.empty() && *relative.begin() != "..";
  std::vector<fs::path> folders{own};
  while (inside ? folders.back().lexically_relative(folder_) != "." : folders.size() < 2) {
    if (!folders.back().has_relative_path()) break;
    folders.push_back(folders.back().parent_path());
  }
  std::vector<fs::path> files;
  bool projectors = false;
  for (const fs::path& folder : folders) {
    std::error_code failed;
    for (fs::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
      if (!names_model(it->path())) continue;
      files.push_back(it->path());
      projectors = projectors || it->path().filename().string().find("mmproj") != std::string::npos ||
                   base::gguf_architecture(it->path()) == "clip";
    }
  }
  if (!projectors) return {};
  std::vector<GgufFile> known;
  for (const fs::path& file : files)
    if (Result<base::GgufModel> each = read_file(file)) known.push_back({file, *std::move(each)});
  std::vector<const GgufFile*> around;
  for (const GgufFile& each : known) around.push_back(&each);
  const GgufFile* chosen = choose_projector(model, around);
  return chosen ? chosen->path : fs::path();
}

Error ModelFolder::not_found(std::string_view key, const std::vector<std::string>& keys,
                             const std::vector<FolderScan::Unread>& unread) const {
  const std::string what = "there is no model '" + std::string(key) + "'";
  if (folder_.empty())
    return base::not_found(ErrorCode::model_not_found,
                           what + ": 'models_dir' is not set, so only the path of a .gguf file names one",
                           key, {}, "set models_dir to the folder with the models, or name a file");
  std::string more;
  for (std::size_t i = 0; i < std::min(unread.size(), kUnreadTold); ++i) more += "; " + text_of(unread[i]);
  if (unread.size() > kUnreadTold) more += "; and " + std::to_string(unread.size() - kUnreadTold) + " more";
  return base::not_found(ErrorCode::model_not_found, what + " in '" + folder_.string() + "'" + more, key,
                         keys, "");
}

Result<ModelFile> ModelFolder::find(std::string_view key) const {
  GgufFile found;
  if (key.starts_with('/')) {
    found.path = base::first_shard(key);
  } else {
    FolderScan scan = folder_.empty() ? FolderScan() : scan_folder(folder_);
    std::vector<std::string> keys;
    for (Entry& entry : entries(std::move(scan.files))) {
      if (entry.key == key) found.path = entry.file;
      keys.push_back(std::move(entry.key));
    }
    for (const FolderScan::Unread& each : scan.unread)
      if (const ModelInfo info = to_info(each); found.path.empty() && info.key == key)
        return Error(ErrorCode::invalid_argument, std::string(info.extra["error"].as_string()),
                     std::string(info.extra["hint"].as_string()));
    if (found.path.empty()) return not_found(key, keys, scan.unread);
  }
  TACHIKOMA_TRY(found.model, read_file(found.path));
  if (std::optional<Error> error = no_model(found)) return *std::move(error);
  fs::path projector = projector_of(found);
  return ModelFile{std::string(key), std::move(found.path), std::move(projector), std::move(found.model)};
}

}  // namespace tachikoma::llamacpp
