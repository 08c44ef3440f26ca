// SPDX-License-Identifier: MIT
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::string kCached = std::string(kEchoes) + "cache: {enabled: true}\n";

}  // namespace

TEST_CASE("ask says that an answer is cached, and asks the model anyway when told so", "[cli][cache]") {
  const Shell shell(kCached);
  CHECK(shell.tachikoma({"ask", "hello"}).err.empty());
  const Finished again = shell.tachikoma({"ask", "hello"});
  CHECK(again.out == "hello\n");
  CHECK(again.err == "tachikoma: the answer is of the response cache (--no-cache asks the model)\n");
  CHECK(json_of(shell.tachikoma({"ask", "--json", "hello"}).out)["data"]["cached"] == Value(true));
  CHECK(json_of(shell.tachikoma({"ask", "--json", "--no-cache", "hello"}).out)["data"]["cached"] ==
        Value(false));
  CHECK(json_lines_of(shell.tachikoma({"ask", "--stream-json", "hello"}).out).back()["cached"] ==
        Value(true));
  CHECK(shell.tachikoma({"ask", "--no-cache", "never kept"}).err.empty());
  CHECK(shell.tachikoma({"ask", "never kept"}).err.empty());
  CHECK(std::filesystem::exists(shell.folder().path() / ".cache/tachikoma/answers.db"));
}

TEST_CASE("programs that run at once lose none of their answers", "[cli][cache]") {
  const Shell shell(kCached);
  std::vector<std::string> questions;
  for (int i = 0; i < 12; ++i) questions.push_back("question " + std::to_string(i));
  std::vector<std::unique_ptr<Process>> programs;
  for (const std::string& question : questions)
    programs.push_back(std::make_unique<Process>(shell.command({"ask", question})));
  for (const auto& each : programs) each->close_input();
  for (const auto& each : programs) CHECK(each->wait() == 0);
  for (const std::string& question : questions) {
    INFO(question);
    CHECK(json_of(shell.tachikoma({"ask", "--json", question}).out)["data"]["cached"] == Value(true));
  }
}
