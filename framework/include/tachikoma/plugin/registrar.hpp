// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string_view>

#include "tachikoma/plugin/host.hpp"
#include "tachikoma/plugin/monitor.hpp"
#include "tachikoma/plugin/provider.hpp"
#include "tachikoma/plugin/result.hpp"
#include "tachikoma/plugin/tool.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma {

/// Makes a component from its settings, which are valid against the schema in the plugin's note. May be
/// called several times. `host` outlives the component.
template <class C>
using Factory = Result<std::unique_ptr<C>> (*)(const Value& settings, Host& host);

/// Registers the components of a plugin. Lent during registration only.
///
/// Ids are lower-case letters, digits and dashes, unique per kind, and exactly those that the note
/// lists. Registration does no I/O and starts no thread.
class Registrar {
 public:
  virtual Status provider(std::string_view id, Factory<Provider> factory) = 0;
  virtual Status tool(std::string_view id, Factory<Tool> factory) = 0;
  virtual Status monitor(std::string_view id, Factory<Monitor> factory) = 0;

 protected:
  ~Registrar() = default;
};

/// The factory of a class whose constructor takes `(const Value& settings, Host& host)`.
template <class Kind, class Implementation>
Result<std::unique_ptr<Kind>> make_component(const Value& settings, Host& host) {
  return std::unique_ptr<Kind>(std::make_unique<Implementation>(settings, host));
}

}  // namespace tachikoma
