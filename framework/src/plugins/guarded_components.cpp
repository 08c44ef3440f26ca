// SPDX-License-Identifier: MIT
#include "plugins/guarded_components.hpp"

#include <optional>
#include <string_view>
#include <tuple>

#include "base/try.hpp"
#include "plugins/guarded_capabilities.hpp"

namespace tachikoma::plugins {
namespace {

/// A component, everything that it needs, and its capabilities behind the guard. They are queried once, when
/// it is made: the pointers live as long as the component.
template <class C>
struct Lease {
  // destroyed from the last to the first, after the component: its host, then the code
  Callee who;
  std::unique_ptr<ComponentHost> host;
  std::unique_ptr<C> component = nullptr;
  GuardedCapabilities capabilities = {};

  ~Lease() {
    const CallMark mark(who.call("destructor"));
    component.reset();
  }

  Status make(Factory<C> factory, const Value& settings) {
    TACHIKOMA_TRY(auto made, guarded(who, "factory", [&] { return factory(settings, *host); }));
    if (!made) return who.fault("factory() returned no " + who.kind);
    component = std::move(made);
    Status wrapped = Done{};
    std::apply([&](auto&... each) { ((wrapped = wrapped ? wrap(each) : std::move(wrapped)), ...); },
               capabilities);
    return wrapped;
  }

  template <class Guarded>
  Status wrap(std::optional<Guarded>& guard) {
    using Interface = typename Guarded::Interface;
    TACHIKOMA_TRY(void* found, guarded(who, "capability",
                                       [&] { return Result<void*>(component->capability(Interface::kId)); }));
    if (found) guard.emplace(who, *static_cast<Interface*>(found));
    return Done{};
  }

  void* capability(std::string_view id) {
    void* found = nullptr;
    std::apply([&](auto&... each) { ((found = found ? found : pointer_to(each, id)), ...); }, capabilities);
    return found;
  }

  template <class Guarded>
  static void* pointer_to(std::optional<Guarded>& guard, std::string_view id) {
    using Interface = typename Guarded::Interface;
    return guard && id == Interface::kId ? static_cast<Interface*>(&*guard) : nullptr;
  }
};

// One more hop for each event: only where there is something to hide.
class NoticeMask final : public ChatSink {
 public:
  NoticeMask(const Callee& who, ChatSink& sink) : who_(who), sink_(sink) {}
  Flow on_event(const ChatEvent& event) override { return pass_event(who_, sink_, event); }
  void on_pause() override { sink_.on_pause(); }

 private:
  const Callee& who_;
  ChatSink& sink_;
};

class GuardedProvider final : public Provider {
 public:
  explicit GuardedProvider(Callee who, std::unique_ptr<ComponentHost> host)
      : lease_{std::move(who), std::move(host)} {}
  Status make(Factory<Provider> factory, const Value& settings) { return lease_.make(factory, settings); }

  Result<ChatOutcome> chat(const ChatRequest& request, ChatSink& sink, const CallContext& context) override {
    const auto chat = [&](ChatSink& to) {
      return guarded(lease_.who, "chat", [&] { return lease_.component->chat(request, to, context); });
    };
    if (lease_.who.secrets.empty()) return chat(sink);
    NoticeMask masked(lease_.who, sink);
    return chat(masked);
  }
  void* capability(std::string_view id) override { return lease_.capability(id); }

 private:
  Lease<Provider> lease_;
};

class GuardedTool final : public Tool {
 public:
  explicit GuardedTool(Callee who, std::unique_ptr<ComponentHost> host)
      : lease_{std::move(who), std::move(host)} {}
  /// The specification is constant for the tool's life: it is queried here, where it can still fail.
  Status make(Factory<Tool> factory, const Value& settings) {
    TACHIKOMA_TRY_STATUS(lease_.make(factory, settings));
    TACHIKOMA_TRY(ToolSpec spec,
                  guarded(lease_.who, "spec", [&] { return Result<ToolSpec>(lease_.component->spec()); }));
    spec_ = std::move(spec);
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
  Status make(Factory<Monitor> factory, const Value& settings) {
    TACHIKOMA_TRY_STATUS(lease_.make(factory, settings));
    TACHIKOMA_TRY(wants_content_, guarded(lease_.who, "wants_content",
                                          [&] { return Result<bool>(lease_.component->wants_content()); }));
    return Done{};
  }

  void on_event(const MonitorEvent& event) override {
    Status seen = guarded(lease_.who, "on_event", [&]() -> Status {
      lease_.component->on_event(event);
      return Done{};
    });
    if (!seen) report(seen.error());
  }
  bool wants_content() const override { return wants_content_; }
  Status flush() override {
    return guarded(lease_.who, "flush", [&] { return lease_.component->flush(); });
  }
  void* capability(std::string_view id) override { return lease_.capability(id); }

 private:
  /// A monitor that fails at every event must not flood the log: only the 1st, 10th, 100th … fault is logged.
  void report(const Error& error) {
    std::int64_t count = error.detail["count"].as_integer(1);
    while (count > 1 && count % 10 == 0) count /= 10;
    if (count == 1) lease_.host->log(Severity::error, error.message);
  }

  Lease<Monitor> lease_;
  bool wants_content_ = false;
};

template <class C, class Guarded>
Result<std::shared_ptr<C>> make(Factory<C> factory, const Value& settings, Callee who,
                                const HostServices& services) {
  auto host = std::make_unique<ComponentHost>(who.name, services, who.secrets);
  auto component = std::make_shared<Guarded>(std::move(who), std::move(host));
  TACHIKOMA_TRY_STATUS(component->make(factory, settings));
  return std::shared_ptr<C>(std::move(component));
}

}  // namespace

Result<std::shared_ptr<Provider>> make_guarded(Factory<Provider> factory, const Value& settings, Callee who,
                                               const HostServices& services) {
  return make<Provider, GuardedProvider>(factory, settings, std::move(who), services);
}
Result<std::shared_ptr<Tool>> make_guarded(Factory<Tool> factory, const Value& settings, Callee who,
                                           const HostServices& services) {
  return make<Tool, GuardedTool>(factory, settings, std::move(who), services);
}
Result<std::shared_ptr<Monitor>> make_guarded(Factory<Monitor> factory, const Value& settings, Callee who,
                                              const HostServices& services) {
  return make<Monitor, GuardedMonitor>(factory, settings, std::move(who), services);
}

}  // namespace tachikoma::plugins
