// SPDX-License-Identifier: MIT
#include "readme/installation.hpp"

#include <cstdlib>
#include <stdexcept>

namespace tachikoma::testing {

const std::string& installed_prefix() {
  static const TempDir folder;
  static const std::string prefix = [] {
    const std::string path = (folder.path() / "with a space").string();
    const Finished finished = run({.argv = {"cmake", "--install", TACHIKOMA_BINARY_DIR, "--prefix", path}});
    if (finished.exit_code != 0) throw std::runtime_error("cmake --install failed: " + finished.err);
    return path;
  }();
  return prefix;
}

Command installed(std::vector<std::string> argv, const TempDir& folder) {
  const std::string prefix = installed_prefix();
  return {.argv = std::move(argv),
          .env = {{"PATH", prefix + "/bin:" + std::getenv("PATH")},
                  {"CMAKE_PREFIX_PATH", prefix},
                  {"CMAKE_GENERATOR", "Ninja"},
                  {"CXX", TACHIKOMA_CXX},
                  // a program of one's own finds plugins under the configured prefix, which this is not
                  {"TACHIKOMA_PLUGIN_PATH", prefix + "/" TACHIKOMA_PLUGIN_FOLDER},
                  {"HOME", folder.path().string()},
                  {"XDG_CONFIG_HOME", ""},
                  {"XDG_DATA_HOME", ""}},
          .folder = folder.path().string(),
          .limit = std::chrono::seconds(240)};
}

}  // namespace tachikoma::testing
