// SPDX-License-Identifier: MIT
// A line feed in the name of a model began a row of its own in a table, and a line of its own in an error: a
// server could write what looked like this program's own words.
#include <string>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/json_server.hpp"
#include "support/simulator.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr char kWorld[] = R"(models:
  - {key: "good\nfake-address  fake-provider\u202e\u009b31m\x7f"}
  - {key: plain, loaded: true}
replies: [{text: "\u009b31mred\u202e"}]
)";

}  // namespace

TEST_CASE("a name with a line feed is one row, one line, and escaped in JSON", "[cli]") {
  const Simulator simulator(kWorld);
  const Shell shell("providers: {lm: {plugin: lmstudio, base_url: '" + simulator.base_url() + "'}}\n");
  const Finished listed = shell.tachikoma({"models"});
  CHECK_THAT(listed.out, ContainsSubstring("lm::good fake-address  fake-provider  31m "));
  const Finished missing = shell.tachikoma({"ask", "-m", "good\nfake-adress", "Hi"});
  CHECK(missing.exit_code == 6);
  for (const std::string& text : {listed.out, missing.err}) {
    CHECK(text.find("\nfake") == std::string::npos);
    CHECK(text.find("\u202e") == std::string::npos);
    CHECK(text.find("\u009b") == std::string::npos);
  }
  const std::string json = shell.tachikoma({"models", "--json"}).out;
  CHECK_THAT(json, ContainsSubstring("good\\nfake-address  fake-provider\\u202e\\u009b31m\\u007f"));
  CHECK_THAT(shell.tachikoma({"ask", "-m", "plain", "--json", "Hi"}).out,
             ContainsSubstring("\\u009b31mred\\u202e"));
}
