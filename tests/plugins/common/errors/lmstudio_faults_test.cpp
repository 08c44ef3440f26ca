// SPDX-License-Identifier: MIT
// Every failure that LM Studio is known to report, in each of the five forms in which it reports any.
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "common/errors/server_error.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

struct Row {
  ErrorCode expected;
  int status;
  const char* type;  // "" where the server does not say one
  const char* code;
  const char* message;
};

constexpr char kGuardrail[] =
    "Failed to load model \"asked-7b\". Error: Model loading was stopped due to insufficient system "
    "resources. "
    "Under the current settings, this model requires approximately 22.90 GB of memory, and continuing to "
    "load it "
    "would likely overload your system and cause it to freeze.";

const std::vector<Row> kRows{
    {ErrorCode::unauthenticated, 401, "invalid_request", "invalid_api_key",
     "An LM Studio API token is required to make requests to this server."},
    {ErrorCode::unauthenticated, 401, "invalid_request", "invalid_api_key",
     "Malformed LM Studio API token provided: lm-studio***"},
    {ErrorCode::forbidden, 403, "invalid_request", "", "Permission denied to use plugin 'mcp/files'"},
    {ErrorCode::invalid_argument, 400, "invalid_request", "invalid_json", "Invalid JSON in request body"},
    {ErrorCode::invalid_argument, 400, "invalid_request", "missing_required_parameter",
     "\"model\" is required"},
    {ErrorCode::invalid_argument, 400, "invalid_request", "unrecognized_keys",
     "Unrecognized key(s) in object: 'stop'"},
    {ErrorCode::model_not_found, 404, "model_not_found", "", "Model asked-7b not found in downloaded models"},
    {ErrorCode::model_not_found, 404, "invalid_request", "model_not_found",
     "Invalid model identifier \"asked-7b\"."},
    {ErrorCode::model_not_found, 400, "invalid_request_error", "model_not_found",
     "Invalid model identifier \"asked-7b\". Please specify a valid downloaded model (e.g., other, "
     "asked-7b-q4)."},
    {ErrorCode::model_not_found, 404, "invalid_request_error", "",
     "Model \"asked-7b\" not found. Please specify a valid model. Your models: other, asked-7b-q4"},
    {ErrorCode::model_not_found, 400, "invalid_request_error", "",
     "No models loaded. Please load a model in the developer page or use the 'lms load' command."},
    {ErrorCode::model_not_found, 404, "invalid_request_error", "model_not_found",
     "No models loaded. Please load a model in the developer page or use the 'lms load' command."},
    {ErrorCode::protocol, 400, "invalid_request_error", "",
     "Failed to load model \"asked-7b\". Error: tensor 'blk.0' not found"},
    {ErrorCode::insufficient_memory, 400, "invalid_request_error", "", kGuardrail},
    {ErrorCode::insufficient_memory, 500, "model_load_failed", "", kGuardrail},
    {ErrorCode::insufficient_memory, 500, "model_load_failed", "",
     "ggml_backend_cuda_buffer_type_alloc_buffer: cudaMalloc failed: out of memory"},
    {ErrorCode::protocol, 500, "model_load_failed", "", "Failed to load model"},
    {ErrorCode::model_lost, 400, "", "", "Model unloaded by user or API request."},
    {ErrorCode::model_lost, 400, "", "", "Model is unloaded."},
    {ErrorCode::model_lost, 500, "internal_error", "", "Model unloaded by user or API request."},
    {ErrorCode::model_lost, 400, "", "",
     "The model has crashed without additional information. (Exit code: 18446744072635812000)"},
    {ErrorCode::model_lost, 400, "", "", "Channel Error"},
    {ErrorCode::context_too_long, 400, "", "",
     "The number of tokens to keep from the initial prompt is greater than the context length. Try to load "
     "the "
     "model with a larger context length, or provide a shorter input"},
    {ErrorCode::context_too_long, 400, "", "",
     "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with "
     "context "
     "length of only 4096 tokens, which is not enough."},
    {ErrorCode::invalid_argument, 400, "", "",
     "Error rendering prompt with jinja template: Conversation roles must alternate"},
    {ErrorCode::invalid_argument, 200, "", "",
     "Error rendering prompt with jinja template: the model's roles were not found"},
    {ErrorCode::invalid_argument, 400, "", "",
     "Invalid tool_choice type: 'object'. Supported string values: none, auto, required"},
    {ErrorCode::invalid_argument, 400, "", "", "'response_format.type' must be 'json_schema' or 'text'"},
    {ErrorCode::model_not_found, 404, "model_not_found", "",
     "Model with instance identifier 'asked-7b' is not loaded."},
    {ErrorCode::invalid_argument, 404, "job_not_found", "", "Download job 'job_1' not found"},
    {ErrorCode::unsupported, 200, "", "", "Unexpected endpoint or method. (GET /foo)"},
    {ErrorCode::unsupported, 404, "", "", "Unexpected endpoint or method. (GET /foo)"},
};

Value details(const Row& row) {
  Value error = Value::object({{"message", row.message}, {"param", nullptr}});
  if (*row.type) error.set("type", row.type);
  error.set("code", *row.code ? Value(row.code) : Value());
  return error;
}

std::string web_page(std::string_view message) {
  std::string escaped;
  for (char c : message) {
    if (c == '"')
      escaped += "&quot;";
    else if (c == '\'')
      escaped += "&#39;";
    else
      escaped += c;
  }
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>Error</title></head>\n<body>\n<pre>" + escaped +
         "<br> &nbsp; &nbsp;at Layer.handle (router.js:1:1)</pre>\n</body>\n</html>\n";
}

struct Form {
  const char* name;
  std::string (*write)(const Row& row);
};

const std::vector<Form> kForms{
    {"text",
     [](const Row& row) {
       return base::to_json(Value::object({{"error", row.message}}));
     }},
    {"OpenAI's",
     [](const Row& row) {
       return base::to_json(Value::object({{"error", details(row)}}));
     }},
    {"native",
     [](const Row& row) {
       Value error = details(row);
       error.erase("param");
       if (!*row.code) error.erase("code");
       return base::to_json(Value::object({{"error", std::move(error)}}), 2);
     }},
    {"Anthropic's",
     [](const Row& row) {
       const char* type = *row.type ? row.type : "invalid_request_error";
       return base::to_json(Value::object(
           {{"type", "error"}, {"error", Value::object({{"type", type}, {"message", row.message}})}}));
     }},
    {"a web page", [](const Row& row) { return web_page(row.message); }},
};

Error error_of(const Row& row, const Form& form) {
  return kit::error_from_reply(form.write(row), row.status, "",
                               {.base_url = "http://host:1234", .model = "asked-7b", .server = "LM Studio"});
}

}  // namespace

TEST_CASE("every known failure has its code, in each form that it comes in", "[errors]") {
  for (const Row& row : kRows)
    for (const Form& form : kForms) {
      INFO(row.status << " " << row.message << " as " << form.name);
      const Error error = error_of(row, form);
      CHECK(to_string(error.code) == to_string(row.expected));
      CHECK(error.http_status == (row.status == 200 ? 0 : row.status));
      CHECK_THAT(error.message, ContainsSubstring(std::string(row.message).substr(0, 200)));
      const bool lost = row.expected == ErrorCode::model_lost;
      CHECK(error.retryable == lost);
    }
}

TEST_CASE("a failure for lack of memory says how much is wanted, in each form", "[errors]") {
  for (const Form& form : kForms) {
    const Row row{ErrorCode::insufficient_memory, 500, "model_load_failed", "", kGuardrail};
    CHECK(error_of(row, form).detail["required_bytes"].as_integer() == 22'900'000'000);
  }
}

TEST_CASE("amounts of memory are read with their units, and nothing is read from what is none", "[errors]") {
  const auto required = [](const std::string& amount) {
    const std::string words =
        "stopped due to insufficient system resources: this model requires approximately " + amount;
    return kit::error_from_fault({words, ""}, 500, "", {.base_url = "u", .model = "m"})
        .detail["required_bytes"]
        .as_integer(-1);
  };
  CHECK(required("1 TB") == 1'000'000'000'000);
  CHECK(required("63.2 GB of memory") == 63'200'000'000);
  CHECK(required("63.5 GiB of memory") == 68'182'605'824);
  CHECK(required("512MB") == 512'000'000);
  CHECK(required("512 MiB") == 536'870'912);
  for (const char* none : {"a lot", "-3 GB", "0 GB", "nan GB", "inf GB", "3 apples", "1e300 GB", ""}) {
    INFO(none);
    CHECK(required(none) == -1);
  }
}

TEST_CASE("the models that a server counts up are offered, near names first", "[errors]") {
  for (const char* message :
       {"Invalid model identifier \"qwen3-8\". Please specify a valid downloaded model (e.g., llama-3.1-8b, "
        "qwen3-8b, qwen/qwen3-8b-fp16).",
        "Model \"qwen3-8\" not found. Please specify a valid model. Your models: llama-3.1-8b, qwen3-8b, "
        "qwen/qwen3-8b-fp16",
        "Model \"qwen3-8\" not found.\n\nYour models:\n\nllama-3.1-8b\nqwen3-8b\nqwen/qwen3-8b-fp16\n"}) {
    INFO(message);
    const Error error = kit::error_from_fault({message, ""}, 404, "", {.base_url = "u", .model = "qwen3-8"});
    CHECK(error.code == ErrorCode::model_not_found);
    CHECK(error.detail["name"].as_string() == "qwen3-8");
    CHECK(error.detail["near"] == Value::array({"qwen3-8b", "qwen/qwen3-8b-fp16"}));
    CHECK(error.detail["available"] == Value::array({"llama-3.1-8b", "qwen3-8b", "qwen/qwen3-8b-fp16"}));
    CHECK(error.hint == "did you mean 'qwen3-8b' or 'qwen/qwen3-8b-fp16'?");
  }
}

TEST_CASE("models that are nothing like the one that was asked for are no near ones", "[errors]") {
  const Error error = kit::error_from_fault(
      {"Invalid model identifier \"x\". Please specify a valid downloaded model (e.g., gemma-3, qwen3-8b).",
       ""},
      400, "", {.base_url = "u", .model = "mistral-large-2411"});
  CHECK_FALSE(error.detail.find("near"));
  CHECK(error.detail["available"].elements().size() == 2);
  CHECK(error.hint == "list the models that the server has with: tachikoma models");
}

TEST_CASE("a load that failed keeps the server's words, and is not tried again", "[errors]") {
  const Error error =
      kit::error_from_fault({"Failed to load model \"m\". Error: unknown architecture 'x'", ""}, 500, "",
                            {.base_url = "u", .model = "m", .server = "LM Studio"});
  CHECK(error.code == ErrorCode::protocol);
  CHECK_FALSE(error.retryable);
  CHECK(error.message ==
        "LM Studio at u could not load 'm': \"Failed to load model \"m\". Error: unknown architecture 'x'\"");
  CHECK(error.hint ==
        "the server's log says why; a damaged file and too little memory are the usual reasons");
}

TEST_CASE("where the server's words could mean anything, its type counts", "[errors]") {
  const auto code_of = [](const char* type, int status) {
    return kit::error_from_fault({"it did not work", type}, status, "", {.base_url = "u"}).code;
  };
  CHECK(code_of("not_implemented", 500) == ErrorCode::unsupported);
  CHECK(code_of("mcp_connection_error", 500) == ErrorCode::tool_failed);
  CHECK(code_of("plugin_connection_error", 200) == ErrorCode::tool_failed);
  CHECK(code_of("job_not_found", 404) == ErrorCode::invalid_argument);
  CHECK(code_of("invalid_request", 200) == ErrorCode::invalid_argument);
  CHECK(code_of("model_not_found", 200) == ErrorCode::model_not_found);
  CHECK(code_of("internal_error", 500) == ErrorCode::protocol);
}
