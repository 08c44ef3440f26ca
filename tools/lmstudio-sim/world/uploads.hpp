// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "world/data_url.hpp"

namespace lmstudio_sim {

/// A file that a client uploaded.
struct UploadedFile {
  std::string name;
  std::string type;  ///< LM Studio's: image, text/plain, application/pdf… or unknown
  std::size_t bytes = 0;

  bool is_image() const { return type == "image"; }
  /// What a model sees of an image.
  SeenImage image() const;
};

/// A file of that name and size; its type follows from the name.
UploadedFile uploaded_file(const std::string& name, std::size_t bytes);

/// The uploaded files, for messages that refer to them. Thread-safe.
class Uploads {
 public:
  /// Returns the identifier of the file.
  std::string keep(UploadedFile file) {
    const std::lock_guard lock(mutex_);
    const std::string identifier = "file_sim" + std::to_string(++count_);
    files_.emplace(identifier, std::move(file));
    return identifier;
  }
  std::optional<UploadedFile> find(std::string_view identifier) const {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(identifier);
    return found == files_.end() ? std::nullopt : std::optional(found->second);
  }
  void reset() {
    const std::lock_guard lock(mutex_);
    files_.clear();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, UploadedFile, std::less<>> files_;  // guarded by mutex_
  int count_ = 0;                                           // guarded by mutex_
};

}  // namespace lmstudio_sim
