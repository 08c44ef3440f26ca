// SPDX-License-Identifier: MIT
#include "sessions/batch_line.hpp"

#include <utility>

#include "base/excerpt.hpp"
#include "base/try.hpp"
#include "models/generation_settings.hpp"
#include "schema/json_schema.hpp"
#include "schema/wording.hpp"
#include "tools/tool_runner.hpp"

namespace tachikoma::sessions {
namespace {

constexpr std::string_view kChatUrl = "/v1/chat/completions", kEmbeddingsUrl = "/v1/embeddings";

Error wrong_line(std::string what, std::string hint = {}) {
  return Error(ErrorCode::invalid_argument, std::move(what), std::move(hint));
}

Status check(const FormReader& reader) {
  if (!reader.fault().empty()) return wrong_line(reader.fault());
  if (reader.unknown().empty()) return Done{};
  return wrong_line("'" + base::excerpt(reader.unknown().front()) + "' can't be delivered",
                    "remove it: nothing is left out silently");
}

Status check_answerable(const generate::GenerationRequest& request) {
  TACHIKOMA_TRY_STATUS(check_request(request.text));
  TACHIKOMA_TRY_STATUS(tools::ToolRunner::make(request.text.tools, request.text.tool_rules));
  if (!request.response_schema.is_null())
    TACHIKOMA_TRY_STATUS(schema::JsonSchema::compile(request.response_schema));
  return Done{};
}

// The body of a request, or in the short form what is not its id.
Status read_request(BatchLine& line, const Value& body, bool embeds) {
  FormReader reader;
  if (embeds) {
    line.request = read_embedding_body(reader, body);
    return check(reader);
  }
  generate::GenerationRequest request = read_chat_body(reader, body);
  TACHIKOMA_TRY_STATUS(check(reader));
  TACHIKOMA_TRY_STATUS(check_answerable(request));
  line.request = std::move(request);
  return Done{};
}

Status read_full_form(BatchLine& line, const Value& form) {
  FormReader reader;
  Value body;
  std::string_view method = "POST", url;
  reader.object(form, [&](std::string_view name, const Value& value) {
    if (name == "custom_id") return true;
    if (name == "body") {
      body = value;
    } else if (name == "method") {
      method = value.as_string("?");
      reader.require(method == "POST", value, "POST");
    } else if (name == "url") {
      url = value.as_string();
      reader.require(url == kChatUrl || url == kEmbeddingsUrl, value,
                     std::string(kChatUrl) + " or " + std::string(kEmbeddingsUrl));
    } else {
      return false;
    }
    return true;
  });
  TACHIKOMA_TRY_STATUS(check(reader));
  if (line.custom_id.empty()) return wrong_line("'custom_id' is missing", "give each line one of its own");
  if (url.empty())
    return wrong_line("'url' is missing",
                      "it is " + std::string(kChatUrl) + " or " + std::string(kEmbeddingsUrl));
  return read_request(line, body, url == kEmbeddingsUrl);
}

}  // namespace

const std::string& BatchLine::model() const {
  if (const auto* chat = std::get_if<generate::GenerationRequest>(&request)) return chat->text.model;
  return std::get<EmbeddingRequest>(request).model;
}

Result<BatchLine> read_batch_line(base::JsonParser& parser, std::string_view text,
                                  const std::string& default_model) {
  Result<Value> parsed = parser.parse(text);
  if (!parsed)
    return wrong_line("this line is not JSON: " + parsed.error().message + "; it is '" +
                      base::excerpt(text, 60) + "'");
  Value form = *std::move(parsed);
  if (!form.is_object()) return wrong_line("this line is " + schema::shown(form) + "; it must be an object");
  BatchLine line;
  if (const Value* id = form.find("custom_id")) {
    if (!id->is_string() || id->as_string().empty())
      return wrong_line("'custom_id' is " + schema::shown(*id) + "; it must be a text");
    line.custom_id = id->as_string();
  }
  if (form.find("body") || form.find("url") || form.find("method")) {
    TACHIKOMA_TRY_STATUS(read_full_form(line, form));
  } else {
    form.erase("custom_id");
    TACHIKOMA_TRY_STATUS(read_request(line, form, form.find("input") != nullptr));
  }
  std::visit(
      [&](auto& request) {
        std::string* model = nullptr;
        if constexpr (std::is_same_v<std::decay_t<decltype(request)>, EmbeddingRequest>)
          model = &request.model;
        else
          model = &request.text.model;
        if (model->empty()) *model = default_model;
      },
      line.request);
  return line;
}

}  // namespace tachikoma::sessions
