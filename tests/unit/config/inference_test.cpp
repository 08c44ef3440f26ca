// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "base/generation_settings.hpp"
#include "config/host_schema.hpp"
#include "models/generation_settings.hpp"
#include "support/catch.hpp"
#include "tachikoma/json.hpp"
#include "unit/config/schemas.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

GenerationSettings everything() {
  return {.max_tokens = 64,
          .temperature = 0.7,
          .top_p = 0.1 + 0.2,
          .top_k = 40,
          .min_p = 0.05,
          .repeat_penalty = 1.1,
          .presence_penalty = -0.5,
          .frequency_penalty = 0.25,
          .mirostat = 2,
          .seed = INT64_MIN,
          .stop_sequences = {"```", "\n"},
          .logit_bias = {{50256, -100}, {7, 0.5}},
          .reasoning_effort = ReasoningEffort::low,
          .draft_model = "tiny",
          .ttl = std::chrono::seconds(90),
          .streaming_buffer_size = 8,
          .extra = Value::object({{"cache_prompt", true}})};
}

Result<Config> with_inference(const std::string& settings) {
  return check("providers: {llamacpp: {}}\nmodels: {m: {inference: " + settings + "}}\n");
}

// Every limit of a setting, and what is beyond it.
std::vector<double> samples(const SettingRule& rule) {
  std::vector<double> values;
  for (const double limit : {rule.min, rule.max, rule.off.value_or(rule.min)})
    if (std::abs(limit) != SettingRule::kNoLimit)
      for (const double step : {-1.0, 0.0, 1.0}) values.push_back(limit + step);
  return values;
}

template <class Number>
void set(std::optional<Number>& setting, double value) {
  setting = static_cast<Number>(value);
}

}  // namespace

TEST_CASE("generation settings are the same after writing and reading", "[config][settings]") {
  const Value value = base::to_value(everything());
  for_each_generation_setting([&](const char* name, auto, const SettingRule&) {
    CAPTURE(name);
    CHECK(value.find(name));
  });
  const GenerationSettings read = with_inference(to_json(value)).value().models.at(0).inference;
  CHECK(base::to_value(read) == value);
  CHECK(base::to_value(GenerationSettings{}) == Value::object());
}

TEST_CASE("a file and a request may set the same numbers", "[config][settings]") {
  const GenerationSettings types;
  for_each_generation_setting([&](const char* name, auto member, const SettingRule& rule) {
    using Kind = std::remove_cvref_t<decltype(types.*member)>;
    constexpr bool kNumber =
        std::is_same_v<Kind, std::optional<std::int64_t>> || std::is_same_v<Kind, std::optional<double>>;
    if constexpr (kNumber)
      for (const double value : samples(rule)) {
        CAPTURE(name, value);
        TextRequest request{.messages = {user("hi")}};
        set(request.settings.*member, value);
        CHECK(bool(check_request(request)) == rule.allows(value));
        CHECK(bool(with_inference(to_json(base::to_value(request.settings)))) == rule.allows(value));
      }
  });
}

TEST_CASE("the published schema has every generation setting, and says what it does", "[config][settings]") {
  const Value properties = config::host_schema_part("inference")["properties"];
  for_each_generation_setting([&](const char* name, auto, const SettingRule& rule) {
    CAPTURE(name);
    REQUIRE(properties.find(name));
    const std::string_view same = properties[name]["x-same-as"].as_string();
    CHECK(properties[same.empty() ? name : same]["description"].as_string() == rule.about);
  });
  CHECK(
      to_json(properties["temperature"]) ==
      R"({"type":"number","minimum":0,"maximum":2,"description":"Randomness: 0 (always the likeliest token) to 2"})");
  CHECK(properties["repeat_penalty"]["exclusiveMinimum"] == Value(0));
  CHECK(properties["stop_sequences"]["x-same-as"] == Value("stop"));
}
