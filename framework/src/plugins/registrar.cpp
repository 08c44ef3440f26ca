// SPDX-License-Identifier: MIT
#include "plugins/registrar.hpp"

#include <algorithm>
#include <optional>

#include "base/component_kinds.hpp"
#include "base/lists.hpp"
#include "plugins/guard.hpp"
#include "plugins/text.hpp"

namespace tachikoma::plugins {
namespace {

constexpr char kReport[] = "report it to the plugin's author";

/// Keeps its first error: a plugin may ignore the result.
class ScratchRegistrar final : public Registrar {
 public:
  Status provider(std::string_view id, Factory<Provider> factory) override { return add(id, factory); }
  Status tool(std::string_view id, Factory<Tool> factory) override { return add(id, factory); }
  Status monitor(std::string_view id, Factory<Monitor> factory) override { return add(id, factory); }

  const std::optional<Error>& error() const { return error_; }
  std::vector<Registration> take() { return std::move(registrations_); }
  std::vector<std::string> components() const {
    std::vector<std::string> names = base::texts_of(registrations_, &Registration::component);
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  template <class C>
  Status add(std::string_view id, Factory<C> factory) {
    const std::string component = std::string(base::kKindName<C>) + ":" + printable(id, 64);
    if (!base::is_component_id(id))
      return fail("it registers '" + component + "', whose id has characters other than a-z, 0-9, - and _");
    if (!factory) return fail("it registers '" + component + "' without a factory");
    for (const Registration& other : registrations_)
      if (other.component == component) return fail("it registers '" + component + "' twice");
    registrations_.push_back({component, factory});
    return Done{};
  }

  Error fail(std::string reason) {
    Error error = refusal(std::move(reason), kReport);
    if (!error_) error_ = error;
    return error;
  }

  std::vector<Registration> registrations_;
  std::optional<Error> error_;
};

}  // namespace

Result<std::vector<Registration>> register_components(const Module& module,
                                                      const std::vector<std::string>& provides) {
  ScratchRegistrar registrar;
  const CallMark mark({.plugin = module.plugin()});
  try {
    Status registered = module.entry().register_components(registrar);
    if (!registered && !registrar.error())
      return refusal("its registration failed (" + printable(registered.error().message) + ")", kReport);
  } catch (...) {
    return refusal("its registration " + describe_current_exception(), kReport);
  }
  if (registrar.error()) return *registrar.error();
  std::vector<std::string> promised = provides;
  std::sort(promised.begin(), promised.end());
  if (registrar.components() != promised)
    return refusal(
        "its note promises " + base::quoted_list(promised) + ", but it registers " +
            (registrar.components().empty() ? "nothing" : base::quoted_list(registrar.components())),
        "state in PROVIDES of tachikoma_add_plugin() what the entry registers");
  return registrar.take();
}

}  // namespace tachikoma::plugins
