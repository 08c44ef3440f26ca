// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace tachikoma {

/// Capability of a provider that runs models straight from files: the path of a file is a model's name to it.
/// [thread-safe]
class ModelFiles {
 public:
  static constexpr std::string_view kId = "tachikoma.model-files/1";

  /// Whether it takes the file of that absolute path for a model, by its name alone; it is not opened.
  virtual bool runs_file(std::string_view path) const = 0;

 protected:
  ~ModelFiles() = default;
};

}  // namespace tachikoma
