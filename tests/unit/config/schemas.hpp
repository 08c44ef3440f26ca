// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/check_config.hpp"
#include "tachikoma/config.hpp"

namespace tachikoma::testing {

/// The schemas of the plugins that the tests name, without the plugins.
class FakeSchemas : public config::SchemaSource {
 public:
  FakeSchemas();
  /// Adds a component, with a schema as JSON.
  void add(const std::string& component, std::string_view schema);
  /// Adds a component whose plugin is refused.
  void refuse(const std::string& component, Error why);
  Result<PluginReport> find(std::string_view kind, std::string_view id) override;

 private:
  void report(const std::string& component, Value schema);

  std::map<std::string, PluginReport> reports_;
};

/// A text checked as the file `name`, with these schemas.
Result<Config> check(std::string_view text, const std::string& name = "test.yaml");

/// The message of a text that must be refused.
std::string fault(std::string_view text, const std::string& name = "test.yaml");

}  // namespace tachikoma::testing
