// SPDX-License-Identifier: MIT
// What a runtime takes, it gives back.
#include "support/resources.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"
#include "support/temp_dir.hpp"

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

constexpr int kRequests = 1000;

void ask_often(const std::string& config) {
  Runtime runtime = Runtime::open(config).value();
  for (int i = 0; i < kRequests; ++i) {
    const Result<Reply> reply =
        runtime.generate_text({.messages = {user("Hello")}, .settings = {.max_tokens = 4}});
    if (!reply) FAIL("request " << i << ": " << reply.error().message);
  }
}

void check_that_nothing_stays(const std::string& config) {
  const Resources before;
  ask_often(config);
  CHECK(Resources::settled(before) == before);
}

}  // namespace

TEST_CASE("a runtime that answered 1,000 requests of the echo provider leaves no descriptor and no thread",
          "[integration][resources]") {
  const TempDir folder;
  check_that_nothing_stays(
      folder.write("tachikoma.yaml", "providers:\n  p: {plugin: echo}\ndefaults:\n  model: p::echo-small\n"));
}

TEST_CASE("a runtime that answered 1,000 requests over HTTP leaves no descriptor and no thread",
          "[integration][resources]") {
  const TempDir folder;
  const Simulator simulator;
  const std::string settings =
      GENERATE(as<std::string>(), "lmstudio, base_url: \"ROOT\"", "openai, base_url: \"ROOT/v1\"");
  check_that_nothing_stays(folder.write(
      "tachikoma.yaml", "providers:\n  p: {plugin: " + replace_all(settings, "ROOT", simulator.base_url()) +
                            "}\ndefaults:\n  model: p::openai/gpt-oss-20b\n"));
}
