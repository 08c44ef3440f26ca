// SPDX-License-Identifier: MIT
#include "readme/installation.hpp"

#include <cstdlib>
#include <stdexcept>

#include "support/catch.hpp"

namespace tachikoma::testing {

namespace {

void must_run(Command command, const char* what) {
  const Finished finished = run(command);
  if (finished.exit_code != 0) throw std::runtime_error(what + (" failed: " + finished.out) + finished.err);
}

}  // namespace

const std::string& fresh_clone() {
  static const TempDir folder;
  static const std::string clone = [] {
    const std::string path = (folder.path() / "tachikoma").string();
    // what git has and what it does not ignore: the state that would be committed
    must_run(
        {.argv =
             {"bash", "-euo", "pipefail", "-c",
              "mkdir \"$1\" && git ls-files -z --cached --others --exclude-standard --deduplicate | "
              "tar --create --null --files-from=- --ignore-failed-read | tar --extract --directory \"$1\"",
              "copy", path},
         .folder = TACHIKOMA_SOURCE_DIR},
        "copying the sources");
    must_run(
        {.argv = {"tools/quickstart", "--build-only"}, .folder = path, .limit = std::chrono::minutes(20)},
        "tools/quickstart");
    return path;
  }();
  return clone;
}

const std::string& installed_prefix() {
  static const TempDir folder;
  static const std::string prefix = [] {
    const std::string path = (folder.path() / "with a space").string();
    must_run({.argv = {"cmake", "--install", "build/release", "--prefix", path}, .folder = fresh_clone()},
             "cmake --install");
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
                  {"HOME", folder.path().string()},
                  {"XDG_CACHE_HOME", ""},
                  {"XDG_CONFIG_HOME", ""},
                  {"XDG_DATA_HOME", ""},
                  {"XDG_STATE_HOME", ""},
                  {"TACHIKOMA_NO_SAVE", ""}},
          .folder = folder.path().string(),
          .limit = std::chrono::seconds(240)};
}

void check(const Finished& finished) {
  INFO(finished.out << finished.err);
  REQUIRE(finished.exit_code == 0);
}

}  // namespace tachikoma::testing
