// SPDX-License-Identifier: MIT
#include "lmstudio/model_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/ascii.hpp"
#include "base/excerpt.hpp"
#include "base/gguf.hpp"
#include "base/json.hpp"
#include "base/sourced.hpp"
#include "tachikoma/plugin/result.hpp"

namespace tachikoma::lmstudio {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kSmall = 64 * 1024;

bool leads_out(const fs::path& path) {
  return path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
}

// A model's main file: not its projector, and only the first of its shards.
bool is_model_file(const std::string& name) {
  const std::string lower = base::to_lower(name);
  if (!lower.ends_with(".gguf") || lower.starts_with("mmproj")) return false;
  const std::optional<base::GgufShard> shard = base::read_shard_name(name);
  return !shard || shard->index == 1;
}

// The one model in a folder; the error's message says why there is none.
Result<fs::path> only_model(const fs::path& folder, std::string_view path) {
  std::vector<fs::path> models;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end; entry.increment(failure))
    if (is_model_file(entry->path().filename().string())) models.push_back(entry->path());
  const std::string name = "the folder '" + base::excerpt(path) + "'";
  if (failure) return Error(ErrorCode::internal, name + " can't be read: " + failure.message());
  if (models.size() == 1) return std::move(models.front());
  return Error(ErrorCode::internal, models.empty() ? name + " holds no GGUF file"
                                                   : name + " holds " + std::to_string(models.size()) +
                                                         " models, and LM Studio does not say which it is");
}

}  // namespace

std::string read_small_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(kSmall + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return in.bad() || text.size() > kSmall ? std::string() : text;
}

fs::path home_folder() {
  const char* home = std::getenv("HOME");
  if (!home || !*home) return {};
  const fs::path base(home);
  std::string pointer = read_small_file(base / ".lmstudio-home-pointer");
  while (!pointer.empty() && static_cast<unsigned char>(pointer.back()) <= 0x20) pointer.pop_back();
  if (!pointer.empty()) return pointer;
  std::error_code ignored;
  const fs::path older = base / ".cache" / "lm-studio";
  return fs::is_directory(older, ignored) ? older : base / ".lmstudio";
}

fs::path models_folder() {
  const fs::path home = home_folder();
  if (home.empty()) return {};
  if (const auto settings = base::parse_json(read_small_file(home / "settings.json"))) {
    const fs::path chosen((*settings)["downloadsFolder"].as_string());
    if (chosen.is_absolute()) return chosen;
  }
  return home / "models";
}

Sourced<std::int64_t> layer_count(std::string_view path) {
  const std::string name = "'" + base::excerpt(path) + "'";
  const fs::path folder = models_folder();
  if (path.empty()) return base::unknown("LM Studio names no file of the model");
  if (folder.empty()) return base::unknown("$HOME is not set, so LM Studio's models folder is not known");
  const fs::path relative(path);
  if (leads_out(relative)) return base::unknown(name + " is not a path below LM Studio's models folder");
  fs::path file = folder / relative;
  std::error_code failure;
  const fs::file_status status = fs::status(file, failure);
  if (!fs::exists(status))
    return base::unknown(name + " is not in the models folder '" + folder.string() + "'");
  if (fs::is_directory(status)) {
    Result<fs::path> only = only_model(file, path);
    if (!only) return base::unknown(std::move(only).error().message);
    file = *std::move(only);
  }
  const Result<base::GgufModel> model = base::read_gguf_file(file);
  if (!model) return base::unknown(model.error().message);
  if (model->is_projector()) return base::unknown(name + " is only the part of a model that sees images");
  if (!model->layers) return base::unknown("the GGUF file " + name + " does not report its layers");
  return {*model->layers, Source::reported, "the model's GGUF file"};
}

}  // namespace tachikoma::lmstudio
