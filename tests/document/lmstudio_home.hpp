// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "support/temp_dir.hpp"

namespace tachikoma::testing {

/// The home folder of this process, for as long as it lives: where LM Studio leaves its port and its models.
class LmStudioHome {
 public:
  LmStudioHome();
  ~LmStudioHome();
  LmStudioHome(const LmStudioHome&) = delete;
  LmStudioHome& operator=(const LmStudioHome&) = delete;

  /// Its server listens there.
  void serve_at(int port) const;
  /// A model's file below its models folder, which has so many layers.
  void add_model(const std::string& path, std::uint32_t layers) const;

 private:
  TempDir folder_;
  std::string before_;
};

}  // namespace tachikoma::testing
