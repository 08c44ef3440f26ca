// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/component_kinds.hpp"
#include "conformance/apart.hpp"
#include "conformance/verdict.hpp"
#include "plugins/guarded_components.hpp"
#include "plugins/registrar.hpp"
#include "tachikoma/plugin_registry.hpp"

namespace tachikoma::conformance {

/// The settings with which a component is made, or why there are none.
struct ComponentSettings {
  std::string component;  ///< "provider:echo"
  Result<Value> settings;
  bool empty = false;  ///< nothing was given, and nothing made up: they are the schema's defaults
};

/// The plugin that is checked, as far as its file says what it is.
struct Subject {
  std::string file = {};     ///< absolute
  PluginReport report = {};  ///< made without running its code
  std::vector<ComponentSettings> settings = {};
};

/// "provider 'echo'" of "provider:echo".
std::string spoken(std::string_view component);

/// An error as a part of a sentence: "unreachable: no server …".
std::string in_words(const Error& error);

/// The plugin in this process.
class LoadedPlugin {
 public:
  /// Maps the file, and lets it register. Fails as the loader does. Its code stays in memory unless it
  /// `may_go`: a thread that it has left would crash in the end of a check of something else.
  static Result<LoadedPlugin> load(const Subject& subject, bool may_go = false);

  const std::vector<plugins::Registration>& registrations() const { return registrations_; }
  const ComponentSettings& settings_of(const std::string& component) const;
  plugins::Callee callee(const std::string& component) const;
  plugins::HostServices services() const { return services_; }

 private:
  const Subject* subject_ = nullptr;
  std::shared_ptr<plugins::Module> module_;
  std::vector<plugins::Registration> registrations_;
  plugins::HostServices services_;
};

/// One component of a kind, which can be made as often as a check needs it.
template <class C>
class Candidate {
 public:
  Candidate(const LoadedPlugin& plugin, const plugins::Registration& registration)
      : plugin_(plugin), registration_(registration), name_(spoken(registration.component)) {}

  /// "tool 'clock'".
  const std::string& name() const { return name_; }
  const ComponentSettings& settings() const { return plugin_.settings_of(registration_.component); }
  plugins::Callee callee() const { return plugin_.callee(registration_.component); }
  std::string id() const { return registration_.component.substr(registration_.component.find(':') + 1); }

  /// As the host uses it: each call passes the guard.
  Result<std::shared_ptr<C>> make() const {
    calling("factory() of " + name_);
    return plugins::make_guarded(factory(), *settings().settings, callee(), plugin_.services());
  }

  /// The component alone. `host` outlives it.
  Result<std::unique_ptr<C>> make_raw(Host& host) const {
    calling("factory() of " + name_);
    return plugins::guarded(callee(), "factory", [&] { return factory()(*settings().settings, host); });
  }
  std::unique_ptr<plugins::ComponentHost> make_host() const {
    return std::make_unique<plugins::ComponentHost>(id(), plugin_.services(), std::vector<std::string>());
  }

 private:
  Factory<C> factory() const { return std::get<Factory<C>>(registration_.factory); }

  const LoadedPlugin& plugin_;
  const plugins::Registration& registration_;
  const std::string name_;
};

/// Loads the plugin, and judges each of its components of the kind.
template <class C, class Judge>
Verdict each(const LoadedPlugin& plugin, const Judge& judge) {
  Verdict all = skip("it provides no " + std::string(base::kKindName<C>));
  bool first = true;
  for (const plugins::Registration& registration : plugin.registrations()) {
    if (!std::holds_alternative<Factory<C>>(registration.factory)) continue;
    const Candidate<C> candidate(plugin, registration);
    const Result<Value>& settings = candidate.settings().settings;
    Verdict one = settings ? judge(candidate) : skip(candidate.name() + ": " + settings.error().message);
    all = first ? std::move(one) : both(std::move(all), std::move(one));
    first = false;
  }
  return all;
}

template <class C, class Judge>
Verdict each(const Subject& subject, const Judge& judge) {
  const Result<LoadedPlugin> plugin = LoadedPlugin::load(subject);
  if (!plugin) return fail(in_words(plugin.error()));
  return each<C>(*plugin, judge);
}

/// The same for the components of all kinds; `judge` takes any `Candidate`.
template <class Judge>
Verdict each_of_all(const LoadedPlugin& plugin, const Judge& judge) {
  return both(both(each<Provider>(plugin, judge), each<Tool>(plugin, judge)), each<Monitor>(plugin, judge));
}

template <class Judge>
Verdict each_of_all(const Subject& subject, const Judge& judge) {
  const Result<LoadedPlugin> plugin = LoadedPlugin::load(subject);
  return plugin ? each_of_all(*plugin, judge) : fail(in_words(plugin.error()));
}

}  // namespace tachikoma::conformance
