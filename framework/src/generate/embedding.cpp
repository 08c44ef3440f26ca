// SPDX-License-Identifier: MIT
#include "generate/embedding.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "calls/retry.hpp"
#include "models/generation_settings.hpp"
#include "models/load_warnings.hpp"
#include "tachikoma/plugin/capability/embedder.hpp"
#include "tachikoma/plugin/capability/tokenizer.hpp"
#include "tachikoma/runtime.hpp"

namespace tachikoma {
namespace {

struct Asked {
  const ProviderSlot* slot;
  ResolvedModel model;
};

// The model's provider, when it offers `Interface`.
template <class Interface>
Result<Asked> find_able(RuntimeCore& core, std::string_view name, std::stop_token stop, const char* ability) {
  Result<ResolvedModel> model = core.models.resolve(name, std::move(stop));
  if (!model) return std::move(model).error();
  const Result<const ProviderSlot*> slot = core.providers->find(model->provider);
  if (!slot) return slot.error();
  if (Status able = check_able<Interface>(**slot, ability); !able) return std::move(able).error();
  return Asked{*slot, *std::move(model)};
}

// The same call, for a provider that has to load the model for it.
CallContext loading(CallContext context, const Asked& asked) {
  context.load = &asked.model.load;
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

// One vector for each text of the batch, whatever the provider promised.
Status absorb(EmbeddingReply& reply, Embeddings batch, std::size_t texts) {
  if (batch.vectors.size() != texts)
    return Error(ErrorCode::protocol, "'" + reply.provider + "' gave " +
                                          std::to_string(batch.vectors.size()) + " vectors for " +
                                          std::to_string(texts) + " texts");
  const bool first = reply.vectors.empty();
  if (!batch.served_model.empty()) reply.model = std::move(batch.served_model);
  add(reply.usage.prompt_tokens, batch.usage.prompt_tokens, first);
  add(reply.usage.completion_tokens, batch.usage.completion_tokens, first);
  add(reply.usage.reasoning_tokens, batch.usage.reasoning_tokens, first);
  std::move(batch.vectors.begin(), batch.vectors.end(), std::back_inserter(reply.vectors));
  return Done{};
}

Result<Sourced<std::int64_t>> reported(Result<std::int64_t> count, const ProviderSlot& slot) {
  if (!count) return std::move(count).error();
  return Sourced<std::int64_t>{*count, Source::reported, slot.id};
}

}  // namespace

Result<EmbeddingReply> embed(RuntimeCore& core, EmbeddingRequest request) {
  if (Status checked = check_embedding(request); !checked) return std::move(checked).error();
  Result<Asked> asked = find_able<Embedder>(core, request.model, request.stop, "embed texts");
  if (!asked) return std::move(asked).error();
  if (const std::string lost = lost_load_settings(asked->model, *core.providers);
      !lost.empty() && core.providers->log())
    core.providers->log()(Severity::warning, asked->slot->id, lost);
  EmbeddingReply reply{.provider = asked->slot->id, .model = asked->model.name, .vectors = {}, .usage = {}};
  const std::span<const std::string> texts(request.texts);
  for (std::size_t at = 0; at < texts.size(); at += request.batch_size) {
    const auto batch = texts.subspan(at, std::min(request.batch_size, texts.size() - at));
    Result<Embeddings> embedded = policy::call_provider<Embeddings>(
        *core.providers, *asked->slot, request.stop, policy::Counts::yes,
        [&](policy::Endpoint& endpoint, const CallContext& context) {
          return endpoint.capability<Embedder>()->embed(asked->model.name, batch, loading(context, *asked));
        });
    if (!embedded) return std::move(embedded).error();
    if (Status added = absorb(reply, *std::move(embedded), batch.size()); !added)
      return std::move(added).error();
  }
  if (asked->model.state == ModelState::not_loaded) core.model_names->forget_list(asked->slot->id);
  return reply;
}

Result<Sourced<std::int64_t>> count_tokens(RuntimeCore& core, const TextRequest& request) {
  if (Status checked = check_request(request); !checked) return std::move(checked).error();
  Result<Asked> asked = find_able<Tokenizer>(core, request.model, request.stop, "count tokens");
  if (!asked) return std::move(asked).error();
  ChatRequest chat{.model = asked->model.name,
                   .messages = request.messages,
                   .tool_choice = request.tool_choice,
                   .parallel_tool_calls = request.parallel_tool_calls,
                   .settings = merged(request.settings, asked->model.settings)};
  for (const ToolKit::Entry& entry : request.tools.entries()) chat.tools.push_back(entry.spec);
  return reported(
      policy::call_provider<std::int64_t>(*core.providers, *asked->slot, request.stop, policy::Counts::no,
                                          [&](policy::Endpoint& endpoint, const CallContext& context) {
                                            return endpoint.capability<Tokenizer>()->count_prompt_tokens(
                                                chat, loading(context, *asked));
                                          }),
      *asked->slot);
}

Result<Sourced<std::int64_t>> count_tokens(RuntimeCore& core, std::string_view model, std::string_view text,
                                           std::stop_token stop) {
  Result<Asked> asked = find_able<Tokenizer>(core, model, stop, "count tokens");
  if (!asked) return std::move(asked).error();
  return reported(
      policy::call_provider<std::int64_t>(*core.providers, *asked->slot, std::move(stop), policy::Counts::no,
                                          [&](policy::Endpoint& endpoint, const CallContext& context) {
                                            return endpoint.capability<Tokenizer>()->count_text_tokens(
                                                asked->model.name, text, loading(context, *asked));
                                          }),
      *asked->slot);
}

Result<EmbeddingReply> Runtime::embed(EmbeddingRequest request) {
  return tachikoma::embed(*core_, std::move(request));
}
Result<Sourced<std::int64_t>> Runtime::count_tokens(const TextRequest& request) {
  return tachikoma::count_tokens(*core_, request);
}
Result<Sourced<std::int64_t>> Runtime::count_tokens(std::string_view model, std::string_view text,
                                                    std::stop_token stop) {
  return tachikoma::count_tokens(*core_, model, text, std::move(stop));
}

}  // namespace tachikoma
