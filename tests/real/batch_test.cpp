// SPDX-License-Identifier: MIT
// A batch for two models of a llama.cpp router that has room for one.
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "real/cli.hpp"
#include "real/llama_server.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::string line(std::size_t number, const std::string& model) {
  return R"({"custom_id":")" + std::to_string(number) +
         R"(","method":"POST","url":"/v1/chat/completions","body":{"model":")" + model +
         R"(","max_tokens":4,"messages":[{"role":"user","content":"Say )" + std::to_string(number) +
         "\"}]}}\n";
}

}  // namespace

TEST_CASE("40 lines for two models of a router with room for one are answered, and each model loaded once",
          "[real][batch]") {
  const LlamaServer router = LlamaServer::with_models({{"alpha"}, {"beta"}}, 1);
  const TempDir folder;
  const std::string config = attached_config(folder, "base_url: '" + router.base_url() + "'");
  Runtime runtime = Runtime::open(config, [](auto&&...) {}).value();
  std::string lines;
  for (std::size_t i = 0; i < 40; ++i) lines += line(i, i % 2 == 0 ? "alpha" : "beta");
  const std::string out = (folder.path() / "out.jsonl").string();
  const BatchReport report =
      runtime.batch_file({.input = folder.write("in.jsonl", lines), .output = out}, {.concurrency = 3})
          .value();
  CHECK(report.succeeded == 40);
  CHECK(report.models == 2);
  const MemoryReport memory = runtime.explain();
  CHECK(std::ranges::count_if(memory.switches, [](const ModelSwitch& each) { return each.loaded; }) == 2);
  const std::vector<Value> answers = json_lines(read_file(out));
  REQUIRE(answers.size() == 40);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    INFO(i);
    CHECK(answers[i]["custom_id"].as_string() == std::to_string(i));
    const Value& body = answers[i]["response"]["body"];
    CHECK(body["model"].as_string() == (i % 2 == 0 ? "alpha" : "beta"));
    CHECK(body["usage"]["completion_tokens"].as_integer() > 0);
    CHECK(body["choices"].elements().size() == 1);
  }
}
