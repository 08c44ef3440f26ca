// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/json.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::vector<std::filesystem::path> broken_files() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(TACHIKOMA_SOURCE_DIR "/tests/fixtures/config/broken"))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

TEST_CASE("each broken configuration is refused with its places, causes and nearest keys", "[config]") {
  const std::vector<std::filesystem::path> files = broken_files();
  CHECK(files.size() >= 15);
  for (const std::filesystem::path& file : files)
    check_golden("config/" + file.stem().string() + ".txt",
                 fault(read_file(file), file.filename().string()) + "\n");
}

TEST_CASE("the error of a broken configuration lists its parts for programs", "[config]") {
  const Result<Config> result = check("providers:\n  lmstudio: {}\nverbos: yes\nplugins: {isolation: {}}\n");
  REQUIRE_FALSE(result);
  const Error& error = result.error();
  CHECK(error.hint == "correct it; `tachikoma config check test.yaml` checks it again");
  CHECK(to_json(error.detail) ==
        R"json({"file":"test.yaml","line":3,"column":1,"key":"verbos","errors":[)json"
        R"json({"file":"test.yaml","line":3,"column":1,"key":"verbos",)json"
        R"json("message":"unknown key 'verbos'","hint":"did you mean 'verbose'?"},)json"
        R"json({"file":"test.yaml","line":4,"column":11,"key":"plugins.isolation",)json"
        R"json("message":"'isolation' is not available in this version (0.1.0)","hint":"remove it"}]})json");
}

TEST_CASE("no message quotes a secret", "[config]") {
  for (const std::filesystem::path& file : broken_files()) {
    const std::string message = fault(read_file(file), file.filename().string());
    CHECK(message.find("hunter2'") == std::string::npos);
    CHECK(message.find("12345678") == std::string::npos);
    CHECK(message.find("me:") == std::string::npos);
  }
}
