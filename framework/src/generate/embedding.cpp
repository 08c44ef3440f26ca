// SPDX-License-Identifier: MIT
#include "generate/embedding.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "base/try.hpp"
#include "calls/retry.hpp"
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
Result<CapableModel> find_able(const calls::Providers& providers, const ModelRegistry::Impl& registry,
                               std::string_view name, std::stop_token stop, const char* ability) {
  TACHIKOMA_TRY(ResolvedModel model, registry.resolve(name, std::move(stop)));
  TACHIKOMA_TRY(const calls::ConfiguredProvider* const provider, providers.find(model.provider));
  TACHIKOMA_TRY_STATUS(provider->check_able<Interface>(ability));
  if (!model.notice.empty() && providers.log())
    providers.log()(Severity::warning, provider->id, model.notice);
  return CapableModel{provider, std::move(model)};
}

// What the calls of one request use.
struct Shared {
  std::vector<std::string> texts;
  ResolvedModel model;
};

// The context for a provider that has to load the model first.
CallContext loading(CallContext context, const LoadSettings& load) {
  context.load = &load;
  return context;
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

Result<EmbeddingReply> embed(const calls::Providers& providers, ModelRegistry::Impl& registry,
                             EmbeddingRequest request) {
  TACHIKOMA_TRY_STATUS(check_embedding(request));
  TACHIKOMA_TRY(CapableModel asked,
                find_able<Embedder>(providers, registry, request.model, request.stop, "embed texts"));
  const std::string lost = registry.audit().find_out(asked.model, providers, request.stop);
  if (!lost.empty() && providers.log()) providers.log()(Severity::warning, asked.provider->id, lost);
  EmbeddingReply reply{.provider = asked.provider->id, .model = asked.model.name, .vectors = {}, .usage = {}};
  const auto shared = std::make_shared<const Shared>(Shared{std::move(request.texts), asked.model});
  const std::span<const std::string> texts(shared->texts);
  for (std::size_t at = 0; at < texts.size(); at += request.batch_size) {
    const auto batch = texts.subspan(at, std::min(request.batch_size, texts.size() - at));
    Result<Embeddings> embedded = calls::call_provider<Embeddings>(
        providers, *asked.provider, request.stop, calls::Counts::yes,
        [shared, batch](const calls::PluginCall& call) {
          return call.server.capability<Embedder>()->embed(shared->model.name, batch,
                                                           loading(call.context, shared->model.load));
        });
    if (!embedded) return std::move(embedded).error();
    TACHIKOMA_TRY_STATUS(absorb(reply, *std::move(embedded), batch.size(), asked.provider->plugin));
  }
  if (asked.model.state == ModelState::not_loaded) registry.forget_list(asked.provider->id);
  return reply;
}

Result<Sourced<std::int64_t>> count_tokens(const calls::Providers& providers, ModelRegistry::Impl& registry,
                                           const TextRequest& request) {
  TACHIKOMA_TRY_STATUS(check_request(request));
  TACHIKOMA_TRY(CapableModel asked,
                find_able<Tokenizer>(providers, registry, request.model, request.stop, "count tokens"));
  ChatRequest chat{.model = asked.model.name,
                   .messages = request.messages,
                   .tool_choice = request.tool_choice,
                   .parallel_tool_calls = request.parallel_tool_calls,
                   .settings = merged(request.settings, asked.model.settings)};
  for (const ToolKit::Entry& entry : request.tools.entries()) chat.tools.push_back(entry.spec);
  return reported(
      calls::call_provider<std::int64_t>(providers, *asked.provider, request.stop, calls::Counts::no,
                                         [chat, model = asked.model](const calls::PluginCall& call) {
                                           return call.server.capability<Tokenizer>()->count_prompt_tokens(
                                               chat, loading(call.context, model.load));
                                         }),
      *asked.provider);
}

Result<Sourced<std::int64_t>> count_tokens(const calls::Providers& providers, ModelRegistry::Impl& registry,
                                           std::string_view model, std::string_view text,
                                           std::stop_token stop) {
  TACHIKOMA_TRY(CapableModel asked, find_able<Tokenizer>(providers, registry, model, stop, "count tokens"));
  return reported(calls::call_provider<std::int64_t>(
                      providers, *asked.provider, std::move(stop), calls::Counts::no,
                      [model = asked.model, text = std::string(text)](const calls::PluginCall& call) {
                        return call.server.capability<Tokenizer>()->count_text_tokens(
                            model.name, text, loading(call.context, model.load));
                      }),
                  *asked.provider);
}

}  // namespace tachikoma
