// SPDX-License-Identifier: MIT
#include "common/provider/openai_provider.hpp"

#include <optional>
#include <utility>

#include "base/json.hpp"
#include "base/try.hpp"
#include "common/chat/chat_reply.hpp"
#include "common/chat/embeddings.hpp"
#include "common/chat/model_list.hpp"
#include "common/provider/async_chat.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::string_view kReasoningContent = "reasoning_content";

std::string models_path(const HttpClient& client) { return client.url().api + "/models"; }

}  // namespace

OpenAiCompatibleProvider::OpenAiCompatibleProvider(ServerAccess access, Host& host)
    : access_(std::move(access)), host_(host) {
  if (!access_.tls.verify)
    host_.log(Severity::warning, "tls.verify is false: the server's certificate is not checked");
}

OpenAiCompatibleProvider::OpenAiCompatibleProvider(ServerUrl url, ServerAccess access, Host& host,
                                                   std::optional<LaunchSettings> launch)
    : OpenAiCompatibleProvider(std::move(access), host) {
  client_ = make_client(std::move(url));
  if (launch) launched_ = std::make_unique<LaunchedServer>(*std::move(launch), client_, host);
}

std::shared_ptr<HttpClient> OpenAiCompatibleProvider::make_client(ServerUrl url) const {
  return std::make_shared<HttpClient>(std::move(url), access_, host_);
}

void* OpenAiCompatibleProvider::capability(std::string_view id) {
  // there is no non-blocking driver for TLS
  if (id == AsyncChat::kId && client_ && client_->url().tls) return nullptr;
  // to start a program, and to end it, takes its time
  if (id == PromptReturn::kId && launched_) return nullptr;
  return capability_of<AsyncChat, ModelCatalog, HealthCheck, Embedder, PromptReturn>(this, id);
}

Result<std::shared_ptr<HttpClient>> OpenAiCompatibleProvider::client(const CallContext& context) {
  if (launched_) TACHIKOMA_TRY_STATUS(launched_->ensure(context));
  return client_;
}

std::shared_ptr<HttpClient> OpenAiCompatibleProvider::cached_client() {
  return launched_ && !launched_->ready() ? nullptr : client_;
}

Result<std::shared_ptr<HttpClient>> OpenAiCompatibleProvider::client_for(std::string_view,
                                                                         const CallContext& context) {
  return client(context);
}

std::shared_ptr<HttpClient> OpenAiCompatibleProvider::cached_client_for(std::string_view) {
  return cached_client();
}

Result<ChatForm> OpenAiCompatibleProvider::chat_form(const ChatRequest&, const CallContext&) {
  return ChatForm{};
}

bool OpenAiCompatibleProvider::chat_form_waits(const ChatRequest&) const { return false; }

ServedModel OpenAiCompatibleProvider::judge_served(std::string_view, std::string_view) {
  return ServedModel::same;
}

bool OpenAiCompatibleProvider::is_same_model(std::string_view, std::string_view, const CallContext&) {
  return true;
}

ServedModel OpenAiCompatibleProvider::judge_and_wait(std::string_view asked, std::string_view served,
                                                     const CallContext& context) {
  const ServedModel at_once = judge_served(asked, served);
  if (at_once != ServedModel::unknown) return at_once;
  if (is_same_model(asked, served, context)) return ServedModel::same;
  return context.cancellation.requested() ? ServedModel::unknown : ServedModel::other;
}

RequestFacts OpenAiCompatibleProvider::facts(const HttpClient& client) const {
  return {.base_url = client.url_text()};
}

Error OpenAiCompatibleProvider::with_start_hint(Error error, const HttpClient& client) {
  if (error.code != ErrorCode::unreachable || error.http_status != 0) return error;
  on_unreachable();
  if (launched_) launched_->forget();
  if (std::string hint = start_hint(client); !hint.empty()) error.hint = std::move(hint);
  return error;
}

Result<OpenAiCompatibleProvider::WrittenChat> OpenAiCompatibleProvider::write_chat(
    const ChatRequest& request, const CallContext& context) {
  TACHIKOMA_TRY(ChatForm form, chat_form(request, context));
  form.takes_stream_options = !refuses_stream_options_;
  form.renames_max_tokens = renames_max_tokens_;
  if (reasons_ && !refuses_reasoning_)
    form.reasoning_field = says_reasoning_content_ ? kReasoningContent : "reasoning";
  TACHIKOMA_TRY(std::string body, write_chat_request(request, form));
  return WrittenChat{.request = &request,
                     .body = std::move(body),
                     .notices = std::move(form.notices),
                     .with_stream_options = form.takes_stream_options,
                     .renames_max_tokens = form.renames_max_tokens,
                     .with_reasoning = !form.reasoning_field.empty()};
}

void OpenAiCompatibleProvider::note_thinking_field(std::string_view field) {
  if (field.empty()) return;
  says_reasoning_content_ = field == kReasoningContent;
  reasons_ = true;
}

std::optional<std::string> OpenAiCompatibleProvider::adapt(const Error& failure, const WrittenChat& chat) {
  if (failure.code != ErrorCode::invalid_argument && failure.code != ErrorCode::protocol) return std::nullopt;
  const auto names = [&](std::string_view word) { return failure.message.find(word) != std::string::npos; };
  if (chat.with_stream_options && names("stream_options")) {
    refuses_stream_options_ = true;
    return "the server refuses 'stream_options', and was asked again without: it may report no usage";
  }
  if (chat.with_reasoning && names("reasoning")) {
    refuses_reasoning_ = true;
    return "the server refuses the reasoning that led to calls, and was asked again without";
  }
  if (!chat.renames_max_tokens && names("max_tokens") && names("max_completion_tokens")) {
    renames_max_tokens_ = true;
    return "the server refuses 'max_tokens', and was asked again with 'max_completion_tokens'";
  }
  return std::nullopt;
}

Status OpenAiCompatibleProvider::send_notices(const WrittenChat& chat, ChatSink& sink) {
  for (const std::string& notice : chat.notices)
    if (sink.on_event({.kind = ChatEvent::Kind::notice, .text = notice}) == Flow::stop)
      return Error(ErrorCode::cancelled, "the receiver stopped the answer");
  return Done{};
}

ChatFacts OpenAiCompatibleProvider::chat_facts(const HttpClient& client, const WrittenChat& chat) {
  ChatFacts known{facts(client)};
  known.request.model = chat.request->model;
  known.chat = chat.request;
  known.readers = &readers_;
  known.judge_served = [this](std::string_view asked, std::string_view served) {
    return judge_served(asked, served);
  };
  return known;
}

HttpRequest OpenAiCompatibleProvider::chat_post(const HttpClient& client, const WrittenChat& chat) {
  return {.method = "POST",
          .path = client.url().api,
          .end_of_path = "/chat/completions",
          .body = chat.body,
          .accept = "text/event-stream",
          .model = chat.request->model};
}

Result<ChatOutcome> OpenAiCompatibleProvider::chat(const ChatRequest& request, ChatSink& sink,
                                                   const CallContext& context) {
  TACHIKOMA_TRY(WrittenChat chat, write_chat(request, context));
  TACHIKOMA_TRY_STATUS(send_notices(chat, sink));
  TACHIKOMA_TRY(const std::shared_ptr<HttpClient> server, client_for(request.model, context));
  for (;;) {
    Result<ChatOutcome> outcome = chat_once(*server, chat, sink, context);
    if (outcome) return outcome;
    std::optional<std::string> notice = adapt(outcome.error(), chat);
    if (!notice) return with_start_hint(std::move(outcome).error(), *server);
    TACHIKOMA_TRY(chat, write_chat(request, context));
    chat.notices = {*std::move(notice)};
    TACHIKOMA_TRY_STATUS(send_notices(chat, sink));
  }
}

Result<ChatOutcome> OpenAiCompatibleProvider::chat_once(HttpClient& server, const WrittenChat& chat,
                                                        ChatSink& sink, const CallContext& context) {
  ChatFacts known = chat_facts(server, chat);
  known.judge_served = [&](std::string_view asked, std::string_view served) {
    return judge_and_wait(asked, served, context);
  };
  ChatReply reply(sink, known);
  const Status transport = server.exchange(chat_post(server, chat), reply, CallScope::of(context));
  std::optional<Result<ChatOutcome>> outcome = reply.finish(transport);
  note_thinking_field(reply.thinking_field());
  if (!outcome) return Error(ErrorCode::cancelled, "cancelled");  // while the model's name was looked up
  return *std::move(outcome);
}

Result<Document> OpenAiCompatibleProvider::ask(HttpClient& client, const HttpRequest& request,
                                               const RequestFacts& known, const CallScope& scope) {
  Result<Document> reply = fetch(client, request, scope);
  if (!reply) return with_start_hint(std::move(reply).error(), client);
  if (!reply->ok()) return error_from_reply(reply->body, reply->status, reply->retry_after, known);
  return reply;
}

Result<Value> OpenAiCompatibleProvider::read_json(const Document& reply, const HttpRequest& request,
                                                  const RequestFacts& known) {
  Result<Value> json = base::parse_json(reply.body);
  if (!json || !json->is_object()) {
    if (reply.body.find_first_not_of(" \t\r\n") != std::string::npos && !json)
      return error_from_reply(reply.body, reply.status, {}, known);
    return Error(ErrorCode::protocol, std::string(known.base_url) + request.path + " is not a JSON object",
                 "check that base_url is where the API starts");
  }
  if (const auto fault = find_fault(*json)) return error_from_fault(*fault, 200, {}, known);
  return json;
}

Result<Document> OpenAiCompatibleProvider::get(HttpClient& client, std::string_view path,
                                               const CallScope& scope, bool with_key) {
  const HttpRequest request{.path = std::string(path), .with_key = with_key};
  return ask(client, request, facts(client), scope);
}

Result<Value> OpenAiCompatibleProvider::get_json(HttpClient& client, std::string_view path,
                                                 const CallScope& scope, bool with_key) {
  const HttpRequest request{.path = std::string(path), .with_key = with_key};
  const RequestFacts known = facts(client);
  TACHIKOMA_TRY(const Document reply, ask(client, request, known, scope));
  return read_json(reply, request, known);
}

Result<Value> OpenAiCompatibleProvider::post_json(HttpClient& client, std::string_view path,
                                                  std::string_view body, std::string_view model,
                                                  const CallScope& scope) {
  const HttpRequest request{.method = "POST", .path = std::string(path), .body = body, .model = model};
  RequestFacts known = facts(client);
  known.model = model;
  TACHIKOMA_TRY(const Document reply, ask(client, request, known, scope));
  return read_json(reply, request, known);
}

Result<Embeddings> OpenAiCompatibleProvider::embed(std::string_view model, std::span<const std::string> texts,
                                                   const CallContext& context) {
  if (texts.empty()) return Embeddings{};
  TACHIKOMA_TRY(const std::shared_ptr<HttpClient> server, client_for(model, context));
  const std::string body = write_embedding_request(model, texts);
  const HttpRequest request{
      .method = "POST", .path = server->url().api + "/embeddings", .body = body, .model = model};
  RequestFacts known = facts(*server);
  known.model = model;
  TACHIKOMA_TRY(const Document reply, ask(*server, request, known, CallScope::of(context)));
  Result<Embeddings> embeddings = read_embeddings(reply.body, texts.size(), known.base_url);
  if (embeddings) {
    const std::string& served = embeddings->served_model;
    if (!served.empty() && judge_and_wait(model, served, context) == ServedModel::other)
      return model_mismatch(served, known);
    return embeddings;
  }
  const Result<Value> json = read_json(reply, request, known);  // LM Studio reports some failures with a 200
  return json ? std::move(embeddings).error() : json.error();
}

Result<std::vector<ModelInfo>> OpenAiCompatibleProvider::list_models(const CallContext& context) {
  TACHIKOMA_TRY(const std::shared_ptr<HttpClient> server, client(context));
  const std::string path = models_path(*server);
  TACHIKOMA_TRY(const Value reply, get_json(*server, path, CallScope::of(context)));
  return read_openai_models(reply, server->url_text() + path);
}

Result<bool> OpenAiCompatibleProvider::needs_key(HttpClient& client, std::string_view path,
                                                 const CallScope& scope) {
  if (access_.api_key.empty()) return false;  // it just answered without one
  const Result<Document> reply = get(client, path, scope, false);
  if (reply) return false;
  if (reply.error().code == ErrorCode::unauthenticated || reply.error().code == ErrorCode::forbidden)
    return true;
  return reply.error();
}

Result<Health> OpenAiCompatibleProvider::check_health(const CallContext& context) {
  TACHIKOMA_TRY(const std::shared_ptr<HttpClient> server, client(context));
  const CallScope scope = CallScope::of(context);
  const std::string path = models_path(*server);
  TACHIKOMA_TRY(const Value reply, get_json(*server, path, scope));
  TACHIKOMA_TRY(const auto models, read_openai_models(reply, server->url_text() + path));
  TACHIKOMA_TRY(const bool locked, needs_key(*server, path, scope));
  Health health;
  health.base_url = server->url_text();
  health.api = server->url().prefix + server->url().api;
  health.auth_required = locked;
  const bool llama = !models.empty() && models.front().publisher == "llamacpp";
  health.server = llama ? "llama.cpp" : "OpenAI-compatible server";
  return health;
}

}  // namespace tachikoma::kit
