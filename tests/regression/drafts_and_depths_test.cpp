// SPDX-License-Identifier: MIT
// A draft in the reasoning was taken for the answer when the text had no JSON, and of an answer of 70 levels
// an inner part was the object.
#include <string>

#include "base/json.hpp"
#include "generate/json_salvage.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

std::vector<FoundJson> found_in(const std::string& text, const std::string& thinking = "") {
  Reply reply;
  reply.text = reply.channels[Channel::final] = text;
  reply.channels[Channel::thinking] = thinking;
  return find_json(reply);
}

// {"a":{"a":…{}…}}
std::string nested(std::size_t levels) {
  std::string text;
  for (std::size_t i = 1; i < levels; ++i) text += R"({"a":)";
  return text + "{}" + std::string(levels - 1, '}');
}

}  // namespace

TEST_CASE("a draft in the reasoning is no answer beside a text", "[structured-output]") {
  const std::string draft = R"(Perhaps {"a": 1}?)";
  CHECK(found_in("I can't do that.", draft).empty());
  CHECK(found_in("```\nno\n```", draft).empty());
  CHECK(found_in(R"({"a": 2})", draft).size() == 1);
  CHECK(found_in("", draft).size() == 1);
  CHECK(found_in(" \n", draft).size() == 1);
}

TEST_CASE("JSON of any depth is the answer whole, or none of it is", "[structured-output]") {
  for (std::size_t levels = 1; levels < 140; ++levels) {
    const std::string text = nested(levels);
    for (const std::string& answer :
         {text, "Here: " + text + " Done.", "```json\n" + text + "\n```", "[1] " + text}) {
      INFO(levels << ": " << answer);
      bool whole = false;
      for (const FoundJson& each : found_in(answer)) {
        whole = whole || base::to_json(each.value) == text;
        CHECK((base::to_json(each.value) == text || base::to_json(each.value) == "[1]"));
      }
      CHECK(whole == (levels < base::kMaxJsonDepth));
    }
  }
  CHECK(found_in(R"(Brackets in a string: {"a": "[[[{{{"}.)").size() == 1);
}
