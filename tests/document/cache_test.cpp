// SPDX-License-Identifier: MIT
// "Cache responses: avoid regenerating identical queries".
#include <algorithm>
#include <cstddef>
#include <string>

#include "document/studio.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

TEST_CASE("An identical query is answered from the cache, and the model generates nothing again",
          "[best-practices/cached-responses]") {
  const TempDir folder;
  Studio studio({}, {.cache = {.enabled = true, .file = (folder.path() / "answers.db").string()}});
  const auto ask = [&](double temperature) {
    return studio.runtime
        .generate_text({.model = "mistral-7b",
                        .messages = {user("Explain quantum computing")},
                        .settings = {.temperature = temperature}})
        .value();
  };
  const auto generations = [&] {
    const Value state = studio.simulator.state();
    return std::ranges::count_if(state["requests"].elements(), [](const Value& request) {
      return request["path"].as_string().ends_with("/chat/completions");
    });
  };
  const Reply first = ask(0.7), again = ask(0.7);
  CHECK_FALSE(first.cached);
  CHECK(again.cached);
  CHECK(again.text == first.text);
  CHECK(again.usage == first.usage);
  CHECK(generations() == 1);
  CHECK_FALSE(ask(0.8).cached);  // another query
  CHECK(generations() == 2);
}
