// SPDX-License-Identifier: MIT
#include "plugins/plugin_file.hpp"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

#include "base/component_kinds.hpp"
#include "base/json.hpp"
#include "base/trusted_file.hpp"
#include "base/try.hpp"
#include "plugins/elf_note.hpp"
#include "plugins/handshake.hpp"
#include "plugins/text.hpp"

namespace tachikoma::plugins {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kNameLimit = 64;

Error distrusted(const Error& why) {
  return refusal(why.message, why.hint.empty() ? "name the plugin's shared library" : why.hint);
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameLimit && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_component(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view id = text.substr(colon + 1);
  return base::is_component_kind(text.substr(0, colon)) && base::is_component_id(id) &&
         id.size() <= kNameLimit;
}

// Reads the names in a note as the build writes it: {"name":"a",…,"provides":["tool:a","tool:b"],…
// False: it is not written so. Of a hundred plugins that nobody asked for, no more is read.
bool read_names(std::string_view json, PluginReport& report) {
  constexpr std::string_view kName = "{\"name\":\"", kProvides = ",\"provides\":[\"";
  if (!json.starts_with(kName)) return false;
  json = json.substr(0, json.find(",\"config_schema\":")).substr(kName.size());
  const std::string_view name = json.substr(0, json.find('"'));
  const std::size_t provides = json.find(kProvides);
  if (!is_name(name) || provides == std::string_view::npos) return false;
  std::vector<std::string> components;
  for (std::size_t at = provides + kProvides.size();;) {
    const std::size_t end = json.find('"', at);
    if (end == std::string_view::npos || !is_component(json.substr(at, end - at))) return false;
    components.emplace_back(json.substr(at, end - at));
    if (json.substr(end).starts_with("\"]")) break;
    if (!json.substr(end).starts_with("\",\"")) return false;
    at = end + 3;
  }
  report.name = name;
  report.provides = std::move(components);
  return true;
}

Status examine_opened(PluginReport& report, Result<base::TrustedFile>& opened, Detail detail) {
  if (!opened) {
    std::error_code failed;
    if (const fs::path canonical = fs::canonical(report.file, failed); !failed)
      report.file = canonical.string();
    return distrusted(opened.error());
  }
  report.file = opened->path;
  TACHIKOMA_TRY(NoteContent note, read_note(base::FileBytes(opened->file.value(), opened->size)));
  const bool named = detail == Detail::names && read_names(note.json, report);
  Status described = Done{};
  if (!named) described = describe(note, report);
  Status accepted = check_handshake(note, report.name);
  if (named && !accepted) described = describe(note, report);  // a refusal says more
  TACHIKOMA_TRY_STATUS(std::move(accepted));
  return described;
}

std::string_view stem_of(std::string_view file) {
  const std::string_view name = file.substr(file.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  return dot == 0 ? name : name.substr(0, dot);
}

PluginReport examine(const std::string& file, Result<base::TrustedFile>& opened, Detail detail) {
  PluginReport report;
  report.file = file;
  report.name = printable(stem_of(file));
  if (Status accepted = examine_opened(report, opened, detail); !accepted)
    report.refused = refused(report, std::move(accepted).error());
  return report;
}

}  // namespace

Status describe(const NoteContent& note, PluginReport& report) {
  const auto damaged = [](const std::string& why) {
    return refusal("its identity note is damaged (" + why + ")", "build it with tachikoma_add_plugin()");
  };
  Result<Value> json = base::parse_json(note.json);
  if (!json) return damaged(json.error().message);
  const std::string_view name = (*json)["name"].as_string();
  if (!is_name(name)) return damaged("it has no proper name");
  report.name = name;
  report.version = printable((*json)["version"].as_string(), kNameLimit);
  report.description = printable((*json)["description"].as_string());
  report.built_with = printable((*json)["built_with"].as_string(), kNameLimit);
  if (const Value& schema = (*json)["config_schema"]; schema.is_object()) report.config_schema = schema;
  report.provides.clear();
  for (const Value& component : (*json)["provides"].elements()) {
    if (!is_component(component.as_string()))
      return damaged("'" + printable(component.as_string(), kNameLimit) + "' is not a component");
    report.provides.emplace_back(component.as_string());
  }
  if (report.provides.empty()) return damaged("it provides nothing");
  return Done{};
}

ExaminedPlugin examine_file(const std::string& file) {
  Result<base::TrustedFile> opened = base::open_trusted(file);
  PluginReport report = examine(file, opened, Detail::whole);
  return {std::move(report), opened ? std::move(opened->file) : base::Descriptor()};
}

PluginReport examine_file_in(const base::TrustedFolder& folder, const std::string& file, Detail detail) {
  Result<base::TrustedFile> opened = folder.open(file.substr(file.rfind('/') + 1));
  return examine(file, opened, detail);
}

Error refused(const PluginReport& report, Error reason) {
  reason = printable(std::move(reason));  // paths may hold anything
  reason.message = "plugin '" + report.name + "' " + reason.message;
  reason.detail.set("plugin", report.name);
  reason.detail.set("file", printable(report.file));
  if (!report.version.empty()) reason.detail.set("version", report.version);
  if (!report.built_with.empty()) reason.detail.set("built_with", report.built_with);
  return reason;
}

Error refused(const PluginReport& report, std::string reason, std::string hint) {
  return refused(report, refusal(std::move(reason), std::move(hint)));
}

}  // namespace tachikoma::plugins
