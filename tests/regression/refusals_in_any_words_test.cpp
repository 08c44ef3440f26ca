// SPDX-License-Identifier: MIT
// Refusals made up from a seed: what servers say of one matter in one wording, in any shape that servers put
// it into, with any status that they send it with, as a reply or in a stream. The matter decides what the
// error is, its hint and whether it is asked again; and the server's words are in it, whole.
#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "common/errors/server_error.hpp"
#include "plugins/common/chat/playback.hpp"
#include "support/catch.hpp"
#include "support/seeds.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

/// What servers say of one matter. In the words, '#' is a number, '@' the model.
struct Matter {
  ErrorCode code;
  std::vector<int> statuses;  ///< with which they send it
  std::vector<const char*> words;
};

const std::vector<Matter> kMatters{
    {ErrorCode::context_too_long,
     {400, 404, 413, 422, 500},
     {"the request exceeds the available context size (# tokens), try increasing it",
      "This model's maximum context length is # tokens. However, your messages resulted in # tokens.",
      "prompt is too long: # tokens > # maximum", "Input length # exceeds context window of @",
      "The input (# tokens) is longer than the model's context length (# tokens).",
      "input is too long: # tokens, the limit is #", "Prompt has # tokens, but the context of @ is # only",
      "Requested # tokens, which does not fit in the context of # tokens",
      "context window exceeded: # of # tokens used", "Token limit exceeded: the prompt has # tokens",
      "Your prompt contains # tokens; at most # are allowed", "prompt length # > n_ctx #",
      "The total number of tokens in the prompt (#) exceeds the limit of #"}},
    {ErrorCode::insufficient_memory,
     {400, 500, 503},
     {"CUDA out of memory. Tried to allocate # MiB",
      "model requires more system memory (# GiB) than is available", "insufficient memory to load @",
      "not enough VRAM to load @: # MiB needed, # MiB free", "Failed to allocate buffer of size #",
      "std::bad_alloc", "HIP error: out of memory", "Unable to allocate # GiB for an array",
      "not enough memory for the KV cache: # blocks",
      "[METAL] Command buffer execution failed: Insufficient Memory", "ran out of memory while loading @"}},
    {ErrorCode::model_not_found,
     {400, 404, 422, 500},
     {"model '@' not found, try pulling it first", "The model `@` does not exist.", "model not found: @",
      "Unknown model: @", "Invalid model identifier \"@\"", "no such model: @", "could not find model @",
      "The model '@' is not available", "Model @ is not supported", "@ is not a valid model ID",
      "Requested model @ was not found on this server", "No endpoints found for @."}},
    {ErrorCode::invalid_argument,
     {400, 422, 500},
     {"Conversation roles must alternate user/assistant/user/assistant/...", "System role not supported",
      "Unexpected role 'system' after role 'user'",
      "Jinja Exception: only user and assistant roles are allowed",
      "Failed to apply chat template: undefined variable at line #"}},
    {ErrorCode::overloaded,
     {500, 503, 529},
     {"server busy, please try again. maximum pending requests exceeded",
      "The model is overloaded, try again later", "Service temporarily unavailable: all slots are busy",
      "The engine is currently overloaded", "Too many concurrent requests, # waiting",
      "Server is at capacity, retry in # s", "the queue is full (# requests)"}},
    {ErrorCode::unauthenticated,
     {400, 401, 500},
     {"Incorrect API key provided", "invalid api key", "API key is missing", "No API key provided",
      "You didn't provide an API key.", "Invalid Authentication: the token has expired"}},
};

/// Puts words into one of the shapes; false in `streams`: a stream has no such event.
struct Shape {
  const char* name;
  Value (*wrap)(const std::string& words, int status);
  bool streams = true;
};

Value just(const char* member, const std::string& words) { return Value::object({{member, words}}); }
Value in(const char* member, Value inner) { return Value::object({{member, std::move(inner)}}); }
template <int kMember>
Value member(const std::string& words, int) {
  constexpr const char* kNames[] = {"error",   "error_message", "error_msg", "errorMessage", "errmsg",
                                    "err_msg", "exception",     "message",   "detail",       "Message"};
  return just(kNames[kMember], words);
}

const std::vector<Shape> kShapes{
    {"OpenAI",
     [](const std::string& words, int status) {
       return in("error",
                 Value::object(
                     {{"message", words}, {"type", "server_error"}, {"param", nullptr}, {"code", status}}));
     }},
    {"error", member<0>},
    {"error_message", member<1>},
    {"error_msg", member<2>},
    {"errorMessage", member<3>},
    {"errmsg", member<4>},
    {"err_msg", member<5>},
    {"exception", member<6>},
    {"message", member<7>},
    {"detail", member<8>},
    {"AWS", member<9>, false},
    {"vLLM before 0.10",
     [](const std::string& words, int status) {
       return Value::object({{"object", "error"},
                             {"message", words},
                             {"type", "BadRequestError"},
                             {"param", nullptr},
                             {"code", status}});
     }},
    {"Anthropic",
     [](const std::string& words, int) {
       return Value::object(
           {{"type", "error"}, {"error", Value::object({{"type", "api_error"}, {"message", words}})}});
     }},
    {"Google",
     [](const std::string& words, int status) {
       return in("error", Value::object({{"code", status},
                                         {"message", words},
                                         {"status", "INTERNAL"},
                                         {"details", Value(Value::Array{})}}));
     }},
    {"Google's list",
     [](const std::string& words, int status) {
       return Value(Value::Array{in("error", Value::object({{"code", status}, {"message", words}}))});
     },
     false},
    {"Cloudflare",
     [](const std::string& words, int) {
       return Value::object(
           {{"success", false},
            {"errors", Value(Value::Array{Value::object({{"code", 7009}, {"message", words}})})},
            {"result", nullptr}});
     }},
    {"JSON:API",
     [](const std::string& words, int status) {
       return in("errors",
                 Value(Value::Array{Value::object(
                     {{"status", std::to_string(status)}, {"title", "Error"}, {"detail", words}})}));
     }},
    {"a list of texts",
     [](const std::string& words, int) { return in("errors", Value(Value::Array{words})); }},
    {"FastAPI's validation",
     [](const std::string& words, int) {
       return in("detail", Value(Value::Array{Value::object({{"type", "value_error"},
                                                             {"loc", Value(Value::Array{"body", "messages"})},
                                                             {"msg", words}})}));
     }},
    {"an error in an error",
     [](const std::string& words, int) { return in("error", in("error", just("message", words))); }},
    {"error and code",
     [](const std::string& words, int status) {
       return in("error", Value::object({{"code", status}, {"details", words}}));
     }},
    {"Fastify, NestJS",
     [](const std::string& words, int status) {
       return Value::object({{"statusCode", status}, {"error", "Bad Request"}, {"message", words}});
     }},
    {"Spring Boot",
     [](const std::string& words, int status) {
       return Value::object({{"timestamp", "2026-11-30T03:00:00Z"},
                             {"status", status},
                             {"error", "Internal Server Error"},
                             {"message", words},
                             {"path", "/v1/chat/completions"}});
     }},
    {"OAuth",
     [](const std::string& words, int) {
       return Value::object({{"error", "invalid_request"}, {"error_description", words}});
     }},
    {"error: true",
     [](const std::string& words, int) {
       return Value::object({{"error", true}, {"message", words}});
     }},
    {"RFC 9457",
     [](const std::string& words, int status) {
       return Value::object(
           {{"type", "about:blank"}, {"title", "Error"}, {"status", status}, {"detail", words}});
     },
     false},
    {"msg and code",
     [](const std::string& words, int status) {
       return Value::object({{"code", status}, {"msg", words}, {"data", nullptr}});
     }},
    {"OpenRouter",
     [](const std::string& words, int status) {
       const std::string raw = base::to_json(in("error", just("message", words)));
       return in("error",
                 Value::object({{"message", "Provider returned error"},
                                {"code", status},
                                {"metadata", Value::object({{"raw", raw}, {"provider_name", "X"}})}}));
     }},
    {"JSON in a text",
     [](const std::string& words, int) {
       return in("error", just("message", base::to_json(in("error", just("message", words)))));
     }},
    {"Apigee",
     [](const std::string& words, int) {
       return in("fault",
                 Value::object({{"faultstring", words}, {"detail", Value::object({{"errorcode", "x"}})}}));
     },
     false},
};

class Refusal {
 public:
  explicit Refusal(std::uint32_t seed) : random_(seed) {
    const Matter& matter = any(kMatters);
    const Shape& shape = any(kShapes);
    code = matter.code;
    status = any(matter.statuses);
    words = filled(any(matter.words));
    body = pick(12) == 0 ? words : base::to_json(shape.wrap(words, status), pick(2) ? 2 : 0);
    const bool is_json = body != words;
    streamed = is_json && shape.streams && pick(3) == 0;
    name = is_json ? shape.name : "text";
    if (streamed) {
      body = base::to_json(shape.wrap(words, status));
      status = 200;
    }
  }

  std::string bytes() const {
    if (!streamed)
      return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) +
             "\r\n\r\n" + body;
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: " + body +
           "\n\n";
  }

  ErrorCode code;
  int status;
  std::string words, body;
  const char* name;
  bool streamed;

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }
  template <class T>
  const T& any(const std::vector<T>& list) {
    return list[pick(list.size())];
  }
  std::string filled(std::string_view form) {
    static const std::vector<std::string> kNumbers{"1", "4096", "5120", "32768", "131072", "2000000", "0.5"};
    std::string out;
    for (const char c : form) out += c == '#' ? any(kNumbers) : c == '@' ? "m" : std::string(1, c);
    return out;
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("a refusal is what it says, in whatever words, shape and status, and the server's words are kept",
          "[errors]") {
  const kit::RequestFacts facts{.base_url = "http://host:1", .model = "m"};
  for (const std::uint32_t seed : seeds(900)) {
    const Refusal refusal(seed);
    INFO("seed " << seed << ", " << refusal.name << (refusal.streamed ? ", streamed" : "") << ", "
                 << refusal.status << ": " << refusal.body);
    const Error error = kit::error_from_reply(refusal.body, refusal.status, "", facts);
    CHECK(to_string(error.code) == to_string(refusal.code));
    CHECK(error.retryable == (refusal.code == ErrorCode::overloaded));
    CHECK_FALSE(error.hint.empty());
    CHECK_THAT(error.message, ContainsSubstring(refusal.words));
    Playback playback;
    playback.feed_copied(refusal.bytes());
    const std::string told = playback.finish();
    CHECK_THAT(told, ContainsSubstring(std::string(to_string(refusal.code))));
    CHECK_THAT(told, ContainsSubstring(refusal.words));
  }
}
