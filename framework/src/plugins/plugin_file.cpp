// SPDX-License-Identifier: MIT
#include "plugins/plugin_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <sys/stat.h>

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

Result<NoteContent> read_file_note(const base::Descriptor& file) {
  struct stat status = {};
  if (::fstat(file.value(), &status) != 0)
    return refusal(std::string("the file can't be read (") + std::strerror(errno) + ")", "try again");
  return read_note(base::FileBytes(file.value(), static_cast<std::uint64_t>(status.st_size)));
}

bool is_name(std::string_view text, std::string_view more) {
  return !text.empty() && text.size() <= kNameLimit && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != std::string_view::npos;
  });
}

bool is_component(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const std::string_view kind = text.substr(0, colon);
  return base::is_component_kind(kind) && is_name(text.substr(colon + 1), "-");
}

// The schemas are the last and by far the longest member of a note as the build writes it.
Result<Value> parse_head(const std::string& json) {
  const std::size_t schemas = json.find(",\"config_schema\":");
  if (schemas != std::string::npos)
    if (Result<Value> head = base::parse_json(json.substr(0, schemas) + "}")) return head;
  return base::parse_json(json);
}

Status examine_opened(PluginReport& report, Result<base::TrustedFile>& opened, Detail detail) {
  if (!opened) {
    std::error_code failed;
    if (const fs::path canonical = fs::canonical(report.file, failed); !failed)
      report.file = canonical.string();
    return distrusted(opened.error());
  }
  report.file = opened->path;
  TACHIKOMA_TRY(NoteContent note, read_file_note(opened->file));
  Status described = describe(note, report, detail);
  TACHIKOMA_TRY_STATUS(check_handshake(note, report.name));
  return described;
}

PluginReport examine(const std::string& file, Result<base::TrustedFile>& opened, Detail detail) {
  PluginReport report;
  report.file = file;
  report.name = printable(fs::path(file).stem().string());
  if (Status accepted = examine_opened(report, opened, detail); !accepted)
    report.refused = refused(report, std::move(accepted).error());
  return report;
}

}  // namespace

Status describe(const NoteContent& note, PluginReport& report, Detail detail) {
  const auto damaged = [](const std::string& why) {
    return refusal("its identity note is damaged (" + why + ")", "build it with tachikoma_add_plugin()");
  };
  Result<Value> json = detail == Detail::whole ? base::parse_json(note.json) : parse_head(note.json);
  if (!json) return damaged(json.error().message);
  const std::string_view name = (*json)["name"].as_string();
  if (!is_name(name, "-_ABCDEFGHIJKLMNOPQRSTUVWXYZ")) return damaged("it has no proper name");
  report.name = name;
  report.version = printable((*json)["version"].as_string(), kNameLimit);
  report.description = printable((*json)["description"].as_string());
  report.built_with = printable((*json)["built_with"].as_string(), kNameLimit);
  if (const Value& schema = (*json)["config_schema"]; schema.is_object()) report.config_schema = schema;
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
