// SPDX-License-Identifier: MIT
#include "world/library.hpp"

#include <algorithm>
#include <cstdio>

namespace lmstudio_sim {

using Seconds = std::chrono::duration<double>;

double bits_per_weight(std::string_view quantization) {
  const auto digit = std::ranges::find_if(quantization, [](char c) { return c >= '0' && c <= '9'; });
  if (digit == quantization.end()) return 0;
  return quantization.ends_with("16") ? 16 : *digit - '0';
}

std::string path_of(const ModelSpec& model) {
  if (!model.path.empty()) return model.path;
  const std::size_t slash = model.key.rfind('/');
  const std::string name = model.key.substr(slash == std::string::npos ? 0 : slash + 1);
  const std::string format = model.mlx ? "-MLX-" + model.quantization : "-GGUF";
  const std::string folder = slash == std::string::npos ? model.publisher + "/" + name + format : model.key;
  if (model.mlx) return folder;
  return folder + "/" + name + "-" + model.quantization + ".gguf";
}

double Download::progress() const {
  const Seconds whole = model->download_time;
  const Seconds passed = std::chrono::steady_clock::now() - start;
  return whole.count() <= 0 ? 1 : std::min(1.0, passed / whole);
}

std::int64_t Download::bytes() const {
  const double share = std::min(progress(), model->download_fails_at);
  return static_cast<std::int64_t>(share * static_cast<double>(model->size_bytes));
}

std::vector<const ModelSpec*> Library::models() const {
  std::vector<const ModelSpec*> found;
  for (const ModelSpec& model : script_.models)
    if (on_disk(model)) found.push_back(&model);
  return found;
}

const ModelSpec* Library::find(std::string_view key) const {
  const ModelSpec* model = find_offer(key);
  return model && on_disk(*model) ? model : nullptr;
}

const ModelSpec* Library::find_offer(std::string_view key) const {
  const auto found = std::ranges::find(script_.models, key, &ModelSpec::key);
  return found == script_.models.end() ? nullptr : &*found;
}

bool Library::on_disk(const ModelSpec& model) const {
  if (model.on_disk) return true;
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(downloads_,
                             [&](const Download& each) { return each.model == &model && each.complete(); });
}

Download Library::download(const ModelSpec& model) {
  const std::lock_guard lock(mutex_);
  for (const Download& each : downloads_)
    if (each.model == &model && !each.failed()) return each;
  char id[16];
  std::snprintf(id, sizeof id, "job_%010llx", static_cast<unsigned long long>(next_++));
  downloads_.push_back({id, &model, std::chrono::steady_clock::now(), std::chrono::system_clock::now()});
  return downloads_.back();
}

std::optional<Download> Library::find_download(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(downloads_, id, &Download::id);
  return found == downloads_.end() ? std::nullopt : std::optional(*found);
}

void Library::cancel(std::string_view id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(downloads_, [&](const Download& each) { return each.id == id; });
}

void Library::reset() {
  const std::lock_guard lock(mutex_);
  downloads_.clear();
}

}  // namespace lmstudio_sim
