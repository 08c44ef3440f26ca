// SPDX-License-Identifier: MIT
#include "conformance/subject.hpp"

#include <algorithm>

#include "base/try.hpp"
#include "plugins/module.hpp"
#include "plugins/name_resolver.hpp"
#include "plugins/plugin_file.hpp"

namespace tachikoma::conformance {

std::string spoken(std::string_view component) {
  const std::size_t colon = component.find(':');
  return std::string(component.substr(0, colon)) + " '" + std::string(component.substr(colon + 1)) + "'";
}

std::string in_words(const Error& error) {
  const std::string code(to_string(error.code));
  return error.code == ErrorCode::plugin_refused || error.code == ErrorCode::plugin_fault
             ? error.message
             : code + ": " + error.message;
}

Result<LoadedPlugin> LoadedPlugin::load(const Subject& subject, bool may_go) {
  LoadedPlugin plugin;
  plugin.subject_ = &subject;
  plugin.services_ = {std::make_shared<plugins::LogGate>(nullptr),
                      std::make_shared<plugins::HostNameResolver>()};
  plugins::ExaminedPlugin examined = plugins::examine_file(subject.file);
  if (examined.report.refused) return *examined.report.refused;
  calling("its static constructors or its entry function");
  TACHIKOMA_TRY(plugin.module_,
                plugins::open_module(subject.report.name, subject.file, std::move(examined.file)));
  if (!may_go) static_cast<void>(new std::shared_ptr<plugins::Module>(plugin.module_));
  calling("its registration");
  TACHIKOMA_TRY(plugin.registrations_,
                plugins::register_components(*plugin.module_, subject.report.provides));
  calling("");
  return plugin;
}

const ComponentSettings& LoadedPlugin::settings_of(const std::string& component) const {
  return *std::find_if(subject_->settings.begin(), subject_->settings.end(),
                       [&](const ComponentSettings& each) { return each.component == component; });
}

plugins::Callee LoadedPlugin::callee(const std::string& component) const {
  const std::size_t colon = component.find(':');
  return {component.substr(0, colon), component.substr(colon + 1), module_};
}

}  // namespace tachikoma::conformance
