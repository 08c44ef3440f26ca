// SPDX-License-Identifier: MIT
#include "common/provider/llamacpp_token_count.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "base/try.hpp"
#include "common/chat/chat_request_writer.hpp"

namespace tachikoma::kit {
namespace {

// True if the server answered but does not know the route. A missing model has a different code; LM Studio
// reports it with status 200.
bool is_route_absent(const Error& error) {
  if (error.code == ErrorCode::model_not_found) return false;
  return error.http_status == 404 || error.http_status == 405 ||
         (error.http_status == 0 && error.code == ErrorCode::unsupported);
}

Error no_surface(const HttpClient& client) {
  return Error(ErrorCode::unsupported, "the server at " + client.url_text() + " can't count tokens",
               "count with llama.cpp's server, or use 'usage' of a reply");
}

Error unexpected(const HttpClient& client, std::string_view path, std::string_view what) {
  return Error(ErrorCode::protocol,
               "the reply of " + client.url_text() + std::string(path) + " has no " + std::string(what),
               "update the server");
}

bool has_images(const ChatRequest& request) {
  return std::any_of(request.messages.begin(), request.messages.end(),
                     [](const Message& message) { return !message.images.empty(); });
}

}  // namespace

// Newer servers count a chat request; older ones render it and tokenize the text.
Result<std::int64_t> TokenCountingProvider::count_prompt_tokens(const ChatRequest& request,
                                                                const CallContext& context) {
  TACHIKOMA_TRY(const ChatForm form, chat_form(request, context));
  TACHIKOMA_TRY(const std::string body, write_chat_request(request, form));
  TACHIKOMA_TRY(const std::shared_ptr<HttpClient> server, client_for(request.model, context));
  const CallScope scope = CallScope::of(context);
  const std::string path = server->url().api + "/chat/completions/input_tokens";
  const Result<Value> reply = post_json(*server, path, body, request.model, scope);
  if (!reply && is_route_absent(reply.error())) return count_in_template(*server, request, body, scope);
  if (!reply) return reply.error();
  const Value& tokens = (*reply)["input_tokens"];
  if (tokens.as_integer(-1) < 0) return unexpected(*server, path, "'input_tokens'");
  return tokens.as_integer();
}

Result<std::int64_t> TokenCountingProvider::count_in_template(HttpClient& client, const ChatRequest& request,
                                                              std::string_view body, const CallScope& scope) {
  constexpr std::string_view kPath = "/apply-template";
  if (has_images(request))
    return Error(ErrorCode::unsupported,
                 "the server at " + client.url_text() + " can't count the tokens of images",
                 "update llama.cpp's server, or leave the images out");
  const Result<Value> reply = post_json(client, kPath, body, request.model, scope);
  if (!reply && is_route_absent(reply.error())) return no_surface(client);
  if (!reply) return reply.error();
  const Value& prompt = (*reply)["prompt"];
  if (!prompt.is_string()) return unexpected(client, kPath, "'prompt'");
  return tokenize(client, request.model, prompt.as_string(), true, scope);
}

Result<std::int64_t> TokenCountingProvider::tokenize(HttpClient& client, std::string_view model,
                                                     std::string_view text, bool add_special,
                                                     const CallScope& scope) {
  constexpr std::string_view kPath = "/tokenize";
  const std::string body = base::to_json(Value::object(
      {{"model", model}, {"content", text}, {"add_special", add_special}, {"parse_special", true}}));
  const Result<Value> reply = post_json(client, kPath, body, model, scope);
  if (!reply && is_route_absent(reply.error())) return no_surface(client);
  if (!reply) return reply.error();
  const Value& tokens = (*reply)["tokens"];
  if (!tokens.is_array()) return unexpected(client, kPath, "'tokens'");
  return static_cast<std::int64_t>(tokens.elements().size());
}

Result<std::int64_t> TokenCountingProvider::count_text_tokens(std::string_view model, std::string_view text,
                                                              const CallContext& context) {
  TACHIKOMA_TRY(const std::shared_ptr<HttpClient> server, client_for(model, context));
  return tokenize(*server, model, text, false, CallScope::of(context));
}

}  // namespace tachikoma::kit
