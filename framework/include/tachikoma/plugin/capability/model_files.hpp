// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace tachikoma {

/// Offered by a provider that runs models straight from files and accepts a file's path as a model's name.
/// [thread-safe]
class ModelFiles {
 public:
  static constexpr std::string_view kId = "tachikoma.model-files/1";

  /// Whether the provider can run the file at that absolute path, judging by the name alone, without opening
  /// it.
  virtual bool runs_file(std::string_view path) const = 0;

 protected:
  ~ModelFiles() = default;
};

}  // namespace tachikoma
