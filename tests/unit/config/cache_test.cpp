// SPDX-License-Identifier: MIT
// What a configuration says of the response cache.
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "tachikoma/json.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

TEST_CASE("no answer is cached unless the configuration says so", "[config][cache]") {
  const Config config = check("providers: {lmstudio: {}}\nmodels: {chat: {}}\n").value();
  CHECK(config.cache == CacheConfig{});
  CHECK_FALSE(config.cache.enabled);
  CHECK(config.cache.ttl == 7 * 24h);
  CHECK(config.cache.max_size == 256'000'000);
  CHECK_FALSE(config.models[0].cache);
  CHECK(config.warnings.empty());
}

TEST_CASE("the cache has a file, a time, a size and a timing, and a model may have its own say",
          "[config][cache]") {
  const Config config = check(R"(
providers: {lmstudio: {}}
models:
  chat: {cache: true}
  code: {cache: no}
cache: {enabled: true, file: answers.db, ttl: 1h, max_size: 5MiB, replay_timing: true}
)")
                            .value();
  CHECK(config.models[0].cache == true);
  CHECK(config.models[1].cache == false);
  CHECK(config.cache.enabled);
  CHECK(config.cache.file.starts_with('/'));
  CHECK(config.cache.file.ends_with("/answers.db"));
  CHECK(config.cache.ttl == 1h);
  CHECK(config.cache.max_size == 5 << 20);
  CHECK(config.cache.replay_timing);
  CHECK(check("providers: {lmstudio: {}}\ncache: {enabled: true, ttl: 0}\n").value().cache.ttl == 0s);
}

TEST_CASE("settings of a cache that nobody uses are a warning", "[config][cache]") {
  const auto warnings = [](const std::string& more) {
    return check("providers: {lmstudio: {}}\n" + more).value().warnings;
  };
  CHECK(warnings("cache: {ttl: 1h}\n") ==
        std::vector<std::string>{"test.yaml:2:14: cache: no model's answers are cached; set 'enabled', or "
                                 "'cache: true' for a model"});
  CHECK(warnings("cache: {ttl: 1h}\nmodels: {a: {cache: true}}\n").empty());
  CHECK(warnings("cache: {ttl: 1h, enabled: false}\n").empty());
  CHECK(warnings("cache: {ttl: 1h, enabled: true}\n").empty());
}
