// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <filesystem>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/config.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("the configuration is looked for in the environment, here, then in the user's folder", "[config]") {
  const TempDir dir;
  const std::filesystem::path before = std::filesystem::current_path();
  ::unsetenv("TACHIKOMA_CONFIG");
  ::setenv("XDG_CONFIG_HOME", (dir.path() / "user").c_str(), 1);
  std::filesystem::create_directory(dir.path() / "here");
  std::filesystem::current_path(dir.path() / "here");

  const std::string in_user = (dir.path() / "user/tachikoma/tachikoma.yaml").string();
  const Result<std::string> missing = find_config();
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::config_invalid);
  CHECK(missing.error().message ==
        "there is no configuration: looked for 'tachikoma.yaml' here and '" + in_user + "'");
  dir.write("user/tachikoma/tachikoma.yaml", "");
  CHECK(find_config().value() == in_user);
  dir.write("here/tachikoma.yaml", "");
  CHECK(find_config().value() == "tachikoma.yaml");
  const std::string chosen = dir.write("chosen.yaml", "");
  ::setenv("TACHIKOMA_CONFIG", chosen.c_str(), 1);
  CHECK(find_config().value() == chosen);
  ::setenv("TACHIKOMA_CONFIG", "/nowhere/x.yaml", 1);
  CHECK(find_config().error().message == "TACHIKOMA_CONFIG names '/nowhere/x.yaml', which does not exist");

  ::unsetenv("TACHIKOMA_CONFIG");
  ::unsetenv("XDG_CONFIG_HOME");
  std::filesystem::current_path(before);
}
