// SPDX-License-Identifier: MIT
#include "generate/embedding.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "base/try.hpp"
#include "generate/history.hpp"
#include "generate/model_call.hpp"
#include "models/generation_settings.hpp"
#include "tachikoma/plugin/capability/embedder.hpp"
#include "tachikoma/plugin/capability/tokenizer.hpp"

namespace tachikoma {
namespace {

struct CapableModel {
  const calls::ConfiguredProvider* provider;
  ResolvedModel model;
};

// The model's provider, if it offers `Interface`.
template <class Interface>
Result<CapableModel> able(const calls::Providers& providers, Result<ResolvedModel> model,
                          const char* ability) {
  if (!model) return std::move(model).error();
  TACHIKOMA_TRY(const calls::ConfiguredProvider* const provider, providers.find(model->provider));
  TACHIKOMA_TRY_STATUS(provider->check_able<Interface>(ability));
  if (!model->notice.empty() && providers.log())
    providers.log()(Severity::warning, provider->id, model->notice);
  return CapableModel{provider, *std::move(model)};
}

Status check_embedding(const EmbeddingRequest& request) {
  if (request.batch_size == 0)
    return Error(ErrorCode::invalid_argument, "batch_size is 0; it must be at least 1");
  if (request.texts.empty())
    return Error(ErrorCode::invalid_argument, "the request has no texts", "give at least one");
  return Done{};
}

void add(std::optional<std::int64_t>& sum, const std::optional<std::int64_t>& part, bool first) {
  sum = first ? part : sum && part ? std::optional(*sum + *part) : std::nullopt;
}

// Checks that there is one vector per text of the batch, all of one length, whatever the provider promised.
Status absorb(EmbeddingReply& reply, Embeddings batch, std::size_t texts, const std::string& plugin) {
  const auto wrong = [&](const std::string& what) {
    return Error(ErrorCode::protocol, "'" + reply.provider + "' gave " + what,
                 "look at what the server answers; if that is right, report it to the author of plugin '" +
                     plugin + "'",
                 Value::object({{"plugin", plugin}}));
  };
  if (batch.vectors.size() != texts)
    return wrong(std::to_string(batch.vectors.size()) + " vectors for " + std::to_string(texts) + " texts");
  const std::vector<float>& one = reply.vectors.empty() ? batch.vectors.front() : reply.vectors.front();
  for (const std::vector<float>& each : batch.vectors)
    if (each.empty() || each.size() != one.size())
      return wrong(each.empty() ? "a vector without values"
                                : "vectors of " + std::to_string(one.size()) + " and of " +
                                      std::to_string(each.size()) + " values");
  const bool first = reply.vectors.empty();
  if (!batch.served_model.empty()) reply.model = std::move(batch.served_model);
  add(reply.usage.prompt_tokens, batch.usage.prompt_tokens, first);
  add(reply.usage.completion_tokens, batch.usage.completion_tokens, first);
  add(reply.usage.reasoning_tokens, batch.usage.reasoning_tokens, first);
  add(reply.usage.cached_tokens, batch.usage.cached_tokens, first);
  std::move(batch.vectors.begin(), batch.vectors.end(), std::back_inserter(reply.vectors));
  return Done{};
}

Result<Sourced<std::int64_t>> reported(Result<std::int64_t> count,
                                       const calls::ConfiguredProvider& provider) {
  if (!count) return std::move(count).error();
  return Sourced<std::int64_t>{*count, Source::reported, provider.id};
}

}  // namespace

Result<EmbeddingReply> embed(const generate::Parts& parts, EmbeddingRequest request) {
  TACHIKOMA_TRY_STATUS(check_embedding(request));
  const calls::Providers& providers = parts.providers;
  const ModelRegistry::Impl& registry = parts.registry;
  TACHIKOMA_TRY(
      const CapableModel asked,
      able<Embedder>(providers, registry.resolve_embedding(request.model, request.stop), "embed texts"));
  const std::string lost = registry.audit().find_out(asked.model, providers, request.stop);
  if (!lost.empty() && providers.log()) providers.log()(Severity::warning, asked.provider->id, lost);
  EmbeddingReply reply{.provider = asked.provider->id, .model = asked.model.name, .vectors = {}, .usage = {}};
  const auto texts = std::make_shared<const std::vector<std::string>>(std::move(request.texts));
  for (std::size_t at = 0; at < texts->size(); at += request.batch_size) {
    const std::size_t count = std::min(request.batch_size, texts->size() - at);
    Result<Embeddings> embedded = generate::call_with_model<Embeddings>(
        parts, *asked.provider, asked.model, request.stop, calls::Counts::yes,
        [texts, at, count](const calls::PluginCall& call, const std::string& name) {
          const auto batch = std::span<const std::string>(*texts).subspan(at, count);
          return call.server.capability<Embedder>()->embed(name, batch, call.context);
        });
    if (!embedded) return std::move(embedded).error();
    TACHIKOMA_TRY_STATUS(absorb(reply, *std::move(embedded), count, asked.provider->plugin));
  }
  if (asked.model.state == ModelState::not_loaded) registry.forget_list(asked.provider->id);
  return reply;
}

Result<Sourced<std::int64_t>> count_tokens(const generate::Parts& parts, const TextRequest& request) {
  TACHIKOMA_TRY_STATUS(check_request(request));
  TACHIKOMA_TRY(
      const CapableModel asked,
      able<Tokenizer>(parts.providers, parts.registry.resolve(request.model, request.stop), "count tokens"));
  ChatRequest chat{.model = {},
                   .messages = request.messages,
                   .tool_choice = request.tool_choice,
                   .parallel_tool_calls = request.parallel_tool_calls,
                   .settings = merged(request.settings, asked.model.settings)};
  generate::AliasSystem(chat.messages).put(chat.messages, asked.model.system);
  for (const ToolKit::Entry& entry : request.tools.entries()) chat.tools.push_back(entry.spec);
  return reported(generate::call_with_model<std::int64_t>(
                      parts, *asked.provider, asked.model, request.stop, calls::Counts::no,
                      [chat](const calls::PluginCall& call, const std::string& name) {
                        ChatRequest named = chat;
                        named.model = name;
                        return call.server.capability<Tokenizer>()->count_prompt_tokens(named, call.context);
                      }),
                  *asked.provider);
}

Result<Sourced<std::int64_t>> count_tokens(const generate::Parts& parts, std::string_view model,
                                           std::string_view text, std::stop_token stop) {
  TACHIKOMA_TRY(const CapableModel asked,
                able<Tokenizer>(parts.providers, parts.registry.resolve(model, stop), "count tokens"));
  return reported(generate::call_with_model<std::int64_t>(
                      parts, *asked.provider, asked.model, std::move(stop), calls::Counts::no,
                      [text = std::string(text)](const calls::PluginCall& call, const std::string& name) {
                        return call.server.capability<Tokenizer>()->count_text_tokens(name, text,
                                                                                      call.context);
                      }),
                  *asked.provider);
}

}  // namespace tachikoma
