// SPDX-License-Identifier: MIT
#include <string>

#include "document/studio.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

// The document takes the analysis apart by hand ("extractKeyPoints"); here the answer has its parts already.
TEST_CASE("a document's analysis comes in its parts, with the reasoning beside it",
          "[document-analysis/structured-response]") {
  Studio studio;
  const Value analysis = parse_json(R"({
    "type": "object", "additionalProperties": false,
    "required": ["summary", "key_points", "sentiment", "recommendations"],
    "properties": {
      "summary": {"type": "string"},
      "key_points": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 5},
      "sentiment": {"enum": ["positive", "neutral", "negative"]},
      "recommendations": {"type": "array", "items": {"type": "string"}, "maxItems": 5}}})")
                             .value();
  const ObjectReply<Value> reply =
      studio.runtime
          .generate_object(
              {.model = "openai/gpt-oss-20b",
               .messages =
                   {system_prompt("Analyze the document: summary, key points, sentiment, recommendations."),
                    user("The new library opened in May. Visitors like its light and its quiet rooms.")},
               .settings = {.max_tokens = 2000, .reasoning_effort = ReasoningEffort::high}},
              analysis)
          .value();
  CHECK(!reply.object["summary"].as_string().empty());
  CHECK(!reply.object["key_points"].elements().empty());
  CHECK(reply.object["sentiment"].is_string());
  CHECK(reply.object["recommendations"].is_array());
  CHECK(!reply.reply.channels[Channel::thinking].empty());
  CHECK(studio.last_chat()["body"]["response_format"]["json_schema"]["schema"] == analysis);
}
