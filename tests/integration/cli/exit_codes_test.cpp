// SPDX-License-Identifier: MIT
#include "tools/tachikoma/exit_codes.hpp"

#include <map>
#include <regex>
#include <sstream>
#include <string>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;

namespace {

// The rows `| code | exit | …` of the table in docs/errors.md.
std::map<std::string, int> documented() {
  static const std::regex row(R"(\| `([a-z_]+)` \| (\d+) \|.*)");
  std::map<std::string, int> codes;
  std::istringstream lines(testing::read_file(TACHIKOMA_SOURCE_DIR "/docs/errors.md"));
  for (std::string line; std::getline(lines, line);)
    if (std::smatch match; std::regex_match(line, match, row)) codes[match[1]] = std::stoi(match[2]);
  return codes;
}

}  // namespace

TEST_CASE("every error has the exit code that docs/errors.md says", "[cli][errors]") {
  std::map<std::string, int> actual;
  for (int i = 0; i <= static_cast<int>(ErrorCode::limit_exceeded); ++i) {
    const auto code = static_cast<ErrorCode>(i);
    actual.emplace(to_string(code), cli::exit_code(code));
  }
  CHECK(actual == documented());
}
