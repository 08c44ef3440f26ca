// SPDX-License-Identifier: MIT
// The build took a schema for one of its own lists, so the semicolons in it became commas: in descriptions,
// and it would have been the same in a pattern.
#include <filesystem>
#include <string>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/json.hpp"
#include "tachikoma/plugin_registry.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("a plugin's note has the schema as its file has it, with its semicolons", "[plugins]") {
  PluginRegistry registry({TACHIKOMA_BINARY_DIR "/plugins"}, nullptr);
  std::string semicolons;
  for (const char* name : {"lmstudio", "llamacpp", "openai"}) {
    const PluginReport report = registry.find(name).value();
    const std::string file = read_file(std::string(TACHIKOMA_SOURCE_DIR "/plugins/") + name + "/schema.json");
    CHECK(report.config_schema["provider:" + std::string(name)] == parse_json(file).value());
    if (file.find(';') != std::string::npos) semicolons += name;
  }
  CHECK(semicolons != "");
}
