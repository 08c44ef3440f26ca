// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "world/script.hpp"

namespace lmstudio_sim {

/// What a quantization's name says; 0 when it does not say.
double bits_per_weight(std::string_view quantization);

/// A model's format in the words of the HTTP routes.
constexpr const char* format_of(const ModelSpec& model) { return model.mlx ? "mlx" : "gguf"; }

/// A model's file, or for MLX its folder, below the folder of the models.
std::string path_of(const ModelSpec& model);

/// A download, under way or over. It goes on by the clock alone.
struct Download {
  std::string id;
  const ModelSpec* model = nullptr;
  std::chrono::steady_clock::time_point start;
  std::chrono::system_clock::time_point started_at;

  /// From 0 to 1.
  double progress() const;
  bool failed() const { return progress() >= model->download_fails_at; }
  bool complete() const { return !failed() && progress() >= 1; }
  std::int64_t bytes() const;
};

/// The models that there are, on disk or to be downloaded. Every member function may be called from any
/// thread.
class Library {
 public:
  explicit Library(const Script& script) : script_(script) {}

  /// The models on disk.
  std::vector<const ModelSpec*> models() const;
  /// A model on disk by its key, or null.
  const ModelSpec* find(std::string_view key) const;
  /// A model that can be downloaded, or is on disk already, or null.
  const ModelSpec* find_offer(std::string_view key) const;
  bool on_disk(const ModelSpec& model) const;
  /// Starts a download, or goes on with the one that runs.
  Download download(const ModelSpec& model);
  std::optional<Download> find_download(std::string_view id) const;
  /// Takes a download back, complete or not.
  void cancel(std::string_view id);
  /// What is on disk at the start.
  void reset();

 private:
  const Script& script_;
  mutable std::mutex mutex_;
  std::deque<Download> downloads_;  // guarded by mutex_
  std::int64_t next_ = 1;           // guarded by mutex_
};

}  // namespace lmstudio_sim
