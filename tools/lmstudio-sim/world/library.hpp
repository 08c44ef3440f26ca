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

/// The bits that a quantization's name states; 0 when it states none.
double bits_per_weight(std::string_view quantization);

/// A model's format as the HTTP routes name it.
constexpr const char* format_of(const ModelSpec& model) { return model.mlx ? "mlx" : "gguf"; }

/// A model's file, or its folder for MLX, below the models folder.
std::string path_of(const ModelSpec& model);

/// A download, running or finished. Its progress follows from the clock alone.
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

/// The models that exist, on disk or available for download. Thread-safe.
class Library {
 public:
  explicit Library(const Script& script) : script_(script) {}

  /// The models on disk.
  std::vector<const ModelSpec*> models() const;
  /// A model on disk by its key, or null.
  const ModelSpec* find(std::string_view key) const;
  /// A model on disk or available for download, or null.
  const ModelSpec* find_offer(std::string_view key) const;
  bool on_disk(const ModelSpec& model) const;
  /// Starts a download, or returns the one that is running.
  Download download(const ModelSpec& model);
  std::optional<Download> find_download(std::string_view id) const;
  /// Removes a download, complete or not.
  void cancel(std::string_view id);
  /// Removes all downloads.
  void reset();

 private:
  const Script& script_;
  mutable std::mutex mutex_;
  std::deque<Download> downloads_;  // guarded by mutex_
  std::int64_t next_ = 1;           // guarded by mutex_
};

}  // namespace lmstudio_sim
