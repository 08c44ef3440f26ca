// SPDX-License-Identifier: MIT
#include "plugins/guarded_components.hpp"

#include <optional>

#include "plugins/component_host.hpp"
#include "tachikoma/plugin/capability/chat_async.hpp"
#include "tachikoma/plugin/capability/embedder.hpp"
#include "tachikoma/plugin/capability/health_check.hpp"
#include "tachikoma/plugin/capability/model_catalog.hpp"
#include "tachikoma/plugin/capability/tokenizer.hpp"

namespace tachikoma::plugins {
namespace {

class GuardedCatalog final : public ModelCatalog {
 public:
  GuardedCatalog(const Callee& who, ModelCatalog& inner) : who_(who), inner_(inner) {}
  Result<std::vector<ModelInfo>> list_models(const CallContext& context) override {
    return guarded(who_, "list_models", [&] { return inner_.list_models(context); });
  }

 private:
  const Callee& who_;
  ModelCatalog& inner_;
};

class GuardedHealth final : public HealthCheck {
 public:
  GuardedHealth(const Callee& who, HealthCheck& inner) : who_(who), inner_(inner) {}
  Result<Health> check_health(const CallContext& context) override {
    return guarded(who_, "check_health", [&] { return inner_.check_health(context); });
  }

 private:
  const Callee& who_;
  HealthCheck& inner_;
};

class GuardedEmbedder final : public Embedder {
 public:
  GuardedEmbedder(const Callee& who, Embedder& inner) : who_(who), inner_(inner) {}
  Result<Embeddings> embed(std::string_view model, std::span<const std::string> texts,
                           const CallContext& context) override {
    return guarded(who_, "embed", [&] { return inner_.embed(model, texts, context); });
  }

 private:
  const Callee& who_;
  Embedder& inner_;
};

class GuardedTokenizer final : public Tokenizer {
 public:
  GuardedTokenizer(const Callee& who, Tokenizer& inner) : who_(who), inner_(inner) {}
  Result<std::int64_t> count_prompt_tokens(const ChatRequest& request, const CallContext& context) override {
    return guarded(who_, "count_prompt_tokens", [&] { return inner_.count_prompt_tokens(request, context); });
  }
  Result<std::int64_t> count_text_tokens(std::string_view model, std::string_view text,
                                         const CallContext& context) override {
    return guarded(who_, "count_text_tokens", [&] { return inner_.count_text_tokens(model, text, context); });
  }

 private:
  const Callee& who_;
  Tokenizer& inner_;
};

/// `start` is the host's call and guarded; what comes back on the plugin's thread are the plugin's calls of
/// the host, into the sink that the host gave it.
class GuardedAsyncChat final : public AsyncChat {
 public:
  GuardedAsyncChat(const Callee& who, AsyncChat& inner) : who_(who), inner_(inner) {}
  Status start(const ChatRequest& request, AsyncChatSink& sink, const CallContext& context) override {
    return guarded(who_, "start", [&] { return inner_.start(request, sink, context); });
  }

 private:
  const Callee& who_;
  AsyncChat& inner_;
};

/// A component, all that it needs, and its capabilities behind the guard. They are asked for once, when
/// it is made: the pointers live as long as the component, so asking again could bring nothing new.
template <class C>
struct Lease {
  // destroyed from the last to the first: capabilities, component, its host, then the code
  Callee who;
  std::unique_ptr<ComponentHost> host;
  std::unique_ptr<C> component = nullptr;
  std::optional<GuardedCatalog> catalog = std::nullopt;
  std::optional<GuardedHealth> health = std::nullopt;
  std::optional<GuardedEmbedder> embedder = std::nullopt;
  std::optional<GuardedTokenizer> tokenizer = std::nullopt;
  std::optional<GuardedAsyncChat> async_chat = std::nullopt;

  Status make(Factory<C> factory, const Value& settings) {
    auto made = guarded(who, "factory", [&] { return factory(settings, *host); });
    if (!made) return std::move(made).error();
    if (!*made) return who.fault("factory() returned no " + who.kind);
    component = *std::move(made);
    if (Status found = wrap<ModelCatalog>(catalog); !found) return found;
    if (Status found = wrap<HealthCheck>(health); !found) return found;
    if (Status found = wrap<Embedder>(embedder); !found) return found;
    if (Status found = wrap<Tokenizer>(tokenizer); !found) return found;
    return wrap<AsyncChat>(async_chat);
  }

  template <class Interface, class Guarded>
  Status wrap(std::optional<Guarded>& guard) {
    Result<void*> found =
        guarded(who, "capability", [&] { return Result<void*>(component->capability(Interface::kId)); });
    if (!found) return std::move(found).error();
    if (*found) guard.emplace(who, *static_cast<Interface*>(*found));
    return Done{};
  }

  void* capability(std::string_view id) {
    if (id == ModelCatalog::kId && catalog) return static_cast<ModelCatalog*>(&*catalog);
    if (id == HealthCheck::kId && health) return static_cast<HealthCheck*>(&*health);
    if (id == Embedder::kId && embedder) return static_cast<Embedder*>(&*embedder);
    if (id == Tokenizer::kId && tokenizer) return static_cast<Tokenizer*>(&*tokenizer);
    if (id == AsyncChat::kId && async_chat) return static_cast<AsyncChat*>(&*async_chat);
    return nullptr;
  }
};

class GuardedProvider final : public Provider {
 public:
  explicit GuardedProvider(Callee who, std::unique_ptr<ComponentHost> host)
      : lease_{std::move(who), std::move(host)} {}
  Status make(Factory<Provider> factory, const Value& settings) { return lease_.make(factory, settings); }

  Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink, const CallContext& context) override {
    return guarded(lease_.who, "chat", [&] { return lease_.component->chat(request, sink, context); });
  }
  void* capability(std::string_view id) override { return lease_.capability(id); }

 private:
  Lease<Provider> lease_;
};

class GuardedTool final : public Tool {
 public:
  explicit GuardedTool(Callee who, std::unique_ptr<ComponentHost> host)
      : lease_{std::move(who), std::move(host)} {}
  /// The specification is the same for the tool's life: it is asked for here, where it can still fail.
  Status make(Factory<Tool> factory, const Value& settings) {
    if (Status made = lease_.make(factory, settings); !made) return made;
    Result<ToolSpec> spec =
        guarded(lease_.who, "spec", [&] { return Result<ToolSpec>(lease_.component->spec()); });
    if (!spec) return std::move(spec).error();
    spec_ = *std::move(spec);
    return Done{};
  }

  ToolSpec spec() override { return spec_; }
  Result<Value> call(const Value& arguments, const CallContext& context) override {
    return guarded(lease_.who, "call", [&] { return lease_.component->call(arguments, context); });
  }
  void* capability(std::string_view id) override { return lease_.capability(id); }

 private:
  Lease<Tool> lease_;
  ToolSpec spec_;
};

class GuardedMonitor final : public Monitor {
 public:
  explicit GuardedMonitor(Callee who, std::unique_ptr<ComponentHost> host)
      : lease_{std::move(who), std::move(host)} {}
  Status make(Factory<Monitor> factory, const Value& settings) { return lease_.make(factory, settings); }

  void on_event(const MonitorEvent& event) override {
    Status seen = guarded(lease_.who, "on_event", [&]() -> Status {
      lease_.component->on_event(event);
      return Done{};
    });
    if (!seen) report(seen.error());
  }
  Status flush() override {
    return guarded(lease_.who, "flush", [&] { return lease_.component->flush(); });
  }
  void* capability(std::string_view id) override { return lease_.capability(id); }

 private:
  /// A monitor that fails at every event must not fill the log: the 1st, 10th, 100th … fault is said.
  void report(const Error& error) {
    std::int64_t count = error.detail["count"].as_integer(1);
    while (count > 1 && count % 10 == 0) count /= 10;
    if (count == 1) lease_.host->log(Severity::error, error.message);
  }

  Lease<Monitor> lease_;
};

template <class C, class Guarded>
Result<std::shared_ptr<C>> make(Factory<C> factory, const Value& settings, Callee who,
                                const LogCallback& log) {
  auto host = std::make_unique<ComponentHost>(who.name, log);
  auto component = std::make_shared<Guarded>(std::move(who), std::move(host));
  if (Status made = component->make(factory, settings); !made) return std::move(made).error();
  return std::shared_ptr<C>(std::move(component));
}

}  // namespace

Result<std::shared_ptr<Provider>> make_guarded(Factory<Provider> factory, const Value& settings, Callee who,
                                               const LogCallback& log) {
  return make<Provider, GuardedProvider>(factory, settings, std::move(who), log);
}
Result<std::shared_ptr<Tool>> make_guarded(Factory<Tool> factory, const Value& settings, Callee who,
                                           const LogCallback& log) {
  return make<Tool, GuardedTool>(factory, settings, std::move(who), log);
}
Result<std::shared_ptr<Monitor>> make_guarded(Factory<Monitor> factory, const Value& settings, Callee who,
                                              const LogCallback& log) {
  return make<Monitor, GuardedMonitor>(factory, settings, std::move(who), log);
}

}  // namespace tachikoma::plugins
