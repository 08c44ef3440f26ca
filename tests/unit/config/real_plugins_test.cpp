// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/config.hpp"
#include "tachikoma/plugin_registry.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("a configuration is checked against the notes of real plugins, and none is loaded", "[config]") {
  const TempDir dir;
  ::setenv("XDG_DATA_HOME", dir.path().c_str(), 1);  // it is named among the folders that were searched
  PluginRegistry plugins;
  ::unsetenv("XDG_DATA_HOME");
  const std::string file = dir.write("tachikoma.yaml", "plugins: {paths: [" TACHIKOMA_BINARY_DIR
                                                       "/plugins]}\n"
                                                       "providers: {echo: {delay: 5ms, models: [parrot]}}\n"
                                                       "monitors: {log: {plugin: echo, file: log.jsonl}}\n");
  const Config config = load_config(file, plugins).value();
  CHECK(config.providers[0].settings["delay"] == Value(5));
  CHECK(config.monitors[0].settings["file"].as_string() == (dir.path() / "log.jsonl").string());
  CHECK_FALSE(plugins.find("echo").value().loaded);

  const std::string broken = dir.write("broken.yaml", "plugins: {paths: [" TACHIKOMA_BINARY_DIR
                                                      "/plugins]}\n"
                                                      "providers:\n"
                                                      "  a: {plugin: ecko}\n"
                                                      "  echo: {dely: 5ms}\n"
                                                      "monitors: {log: {plugin: echo}}\n");
  const Result<Config> refused = load_config(broken, plugins);
  REQUIRE_FALSE(refused);
  check_golden("config/real_plugins.txt",
               replace_all(replace_all(refused.error().message, dir.path().string(), "DIR"),
                           TACHIKOMA_BINARY_DIR, "BUILD") +
                   "\n");
}

TEST_CASE("every example configuration fits the plugins that it names", "[config]") {
  for (const auto& entry : std::filesystem::directory_iterator(TACHIKOMA_SOURCE_DIR "/config")) {
    if (entry.path().filename() == "model-library.yaml") continue;  // no configuration
    if (entry.path().filename() == "simulator.yaml") continue;  // the simulator's own script
    PluginRegistry plugins({TACHIKOMA_BINARY_DIR "/plugins"});
    const Result<Config> result = load_config(entry.path().string(), plugins);
    INFO((result ? std::string() : result.error().message));
    CHECK(result);
  }
}
