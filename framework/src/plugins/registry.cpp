// SPDX-License-Identifier: MIT
#include "plugins/registry.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/component_kinds.hpp"
#include "base/lists.hpp"
#include "base/not_found.hpp"
#include "base/secrets.hpp"
#include "base/try.hpp"
#include "plugins/discovery.hpp"
#include "plugins/guarded_components.hpp"
#include "plugins/host_log.hpp"
#include "plugins/name_resolver.hpp"
#include "plugins/plugin_file.hpp"
#include "plugins/text.hpp"

namespace tachikoma {
namespace {

using namespace plugins;

constexpr char kWhereToPut[] =
    "set plugins.paths or TACHIKOMA_PLUGIN_PATH to the folder that holds it; `tachikoma plugin list` shows "
    "what "
    "is found";

// `refused`: plugins of which nothing more is known. Each may be the one.
Error not_found(std::string message, std::string_view name, const std::vector<std::string>& candidates,
                const std::vector<Error>& refused) {
  for (std::size_t i = 0; i < refused.size(); ++i)
    message += (i == 0 ? "; it may be among those that are refused: " : "; ") + refused[i].message;
  return base::not_found(ErrorCode::plugin_refused, std::move(message), name, candidates,
                         refused.empty() ? kWhereToPut : refused.front().hint);
}

// What it provides, or its true name, can't be read from it.
bool is_unknown(const PluginReport& report) { return report.refused && report.provides.empty(); }

// What decides which of several files is used.
bool is_same(const PluginReport& a, const PluginReport& b) {
  return a.file == b.file && a.name == b.name && a.provides == b.provides && !a.refused && !b.refused;
}

bool provides(const PluginReport& report, std::string_view component) {
  return std::find(report.provides.begin(), report.provides.end(), component) != report.provides.end();
}

// A file may be called `my_plugin.so`, and its component `my-plugin`.
bool is_same_name(std::string name, std::string id) {
  std::replace(name.begin(), name.end(), '_', '-');
  std::replace(id.begin(), id.end(), '_', '-');
  return name == id;
}

// "Bearer sk-…" is repeated as "sk-…".
std::vector<std::string> secret_headers(const Value& headers) {
  std::vector<std::string> secrets;
  for (const Member& header : headers.members()) {
    if (!base::names_secret(header.key)) continue;
    const std::string_view value = header.value.as_string();
    secrets.emplace_back(value.substr(value.rfind(' ') + 1));
  }
  return secrets;
}

// What of a component's settings its schema marks as secret, and headers that are by their name.
std::vector<std::string> secrets_in(const Value& settings, const Value& schema) {
  std::vector<std::string> secrets;
  const auto add = [&](std::vector<std::string> more) {
    std::move(more.begin(), more.end(), std::back_inserter(secrets));
  };
  if (settings.is_string() && schema["format"].as_string() == "secret")
    secrets.emplace_back(settings.as_string());
  for (const Value& each : settings.elements()) add(secrets_in(each, schema["items"]));
  for (const Member& member : settings.members()) {
    if (member.key == "headers") {
      add(secret_headers(member.value));
      continue;
    }
    const Value* property = schema["properties"].find(member.key);
    add(secrets_in(member.value, property ? *property : schema["additionalProperties"]));
  }
  return secrets;
}

}  // namespace

/// One use of the registry: holds the lock, and logs its warnings after releasing it.
class PluginRegistry::Impl::LockedRegistry {
 public:
  explicit LockedRegistry(Impl& impl) : impl_(impl), lock_(impl.mutex_) {}
  ~LockedRegistry() {
    lock_.unlock();
    for (const std::string& warning : warnings_) impl_.write_log(Severity::warning, warning);
  }
  LockedRegistry(const LockedRegistry&) = delete;
  LockedRegistry& operator=(const LockedRegistry&) = delete;

  void warn_once(std::string text) {
    if (impl_.said_.insert(text).second) warnings_.push_back(std::move(text));
  }

 private:
  Impl& impl_;
  std::unique_lock<std::mutex> lock_;
  std::vector<std::string> warnings_;
};

PluginRegistry::Impl::Impl(const std::vector<std::string>& paths, LogCallback log)
    : log_(host_log(std::move(log))),
      plugin_log_(std::make_shared<LogGate>(log_)),
      names_(std::make_shared<HostNameResolver>()) {
  SearchPath path = make_search_path(paths);
  folders_ = PluginFolders(std::move(path.folders));
  for (const std::string& warning : path.warnings) write_log(Severity::warning, warning);
}

void PluginRegistry::Impl::write_log(Severity severity, const std::string& text) const {
  try {
    log_(severity, "tachikoma", text);
  } catch (...) {
    // a failing log callback must not make anything here fail
  }
}

Status PluginRegistry::Impl::add_paths(const std::vector<std::string>& paths) {
  const LockedRegistry registry(*this);
  found_.reset();
  return folders_.add(paths);
}

Status PluginRegistry::Impl::set_configured_paths(const std::vector<std::string>& paths) {
  const LockedRegistry registry(*this);
  found_.reset();
  return folders_.set_configured(paths);
}

void PluginRegistry::Impl::allow(std::vector<std::string> names) {
  const LockedRegistry registry(*this);
  allowed_ = std::move(names);
}

std::vector<std::string> PluginRegistry::Impl::search_path() const {
  const std::lock_guard lock(mutex_);
  return folders_.all();
}

std::vector<PluginReport> PluginRegistry::Impl::scan() {
  LockedRegistry registry(*this);
  std::vector<PluginReport> reports = search(registry, Detail::whole);
  found_ = reports;
  for (PluginReport& report : reports) report = judged(std::move(report));
  return reports;
}

Result<PluginReport> PluginRegistry::Impl::find(std::string_view name_or_file) {
  LockedRegistry registry(*this);
  return find(registry, name_or_file);
}

Result<PluginReport> PluginRegistry::Impl::find_component(std::string_view kind, std::string_view id) {
  LockedRegistry registry(*this);
  return find_component(registry, kind, id);
}

Status PluginRegistry::Impl::load(std::string_view name_or_file) {
  LockedRegistry registry(*this);
  if (loaded_plugin(name_or_file)) return Done{};
  TACHIKOMA_TRY(PluginReport report, find(registry, name_or_file));
  return load(registry, report);
}

template <class C>
Result<std::shared_ptr<C>> PluginRegistry::Impl::make(std::string_view id, const Value& settings,
                                                      std::string_view name) {
  constexpr std::string_view kind = base::kKindName<C>;
  Callee who{std::string(kind), std::string(name), nullptr};
  Factory<C> factory = nullptr;
  {
    LockedRegistry registry(*this);
    const std::string component = std::string(kind) + ":" + std::string(id);
    if (!loaded_component(component).plugin) {
      TACHIKOMA_TRY(PluginReport report, find_component(registry, kind, id));
      TACHIKOMA_TRY_STATUS(load(registry, report));
    }
    const Found found = loaded_component(component);
    who.module = found.plugin->module;
    who.secrets = secrets_in(settings, found.plugin->report.config_schema[component]);
    factory = std::get<Factory<C>>(found.registration->factory);
  }
  return make_guarded(factory, settings, std::move(who), {plugin_log_, names_});
}

std::vector<PluginReport> PluginRegistry::Impl::search(LockedRegistry& registry, Detail detail) const {
  std::vector<PluginReport> reports = scan_folders(folders_.all(), detail);
  for (const PluginReport& report : reports)
    if (!report.shadowed_by.empty())
      registry.warn_once("plugin '" + report.name + "' was found twice: '" + report.shadowed_by +
                         "' is used, '" + report.file + "' is not");
  return reports;
}

bool PluginRegistry::Impl::is_allowed(const PluginReport& report) const {
  return allowed_.empty() || std::find(allowed_.begin(), allowed_.end(), report.name) != allowed_.end();
}

bool PluginRegistry::Impl::usable(const PluginReport& report) const {
  return !report.refused && report.shadowed_by.empty() && is_allowed(report);
}

/// With the checks that depend on this registry.
PluginReport PluginRegistry::Impl::judged(PluginReport report) const {
  const Loaded* loaded = loaded_plugin(report.name);
  report.loaded = loaded && loaded->report.file == report.file;
  if (!report.refused && !is_allowed(report))
    report.refused =
        refused(report, "it is not among the allowed plugins (" + base::quoted_list(allowed_) + ")",
                "add '" + report.name + "' to plugins.allow");
  return report;
}

/// What `pick` finds in the folders. They are searched once, and again if nothing usable is found, or another
/// file than then.
template <class Pick>
Result<PluginReport> PluginRegistry::Impl::look_up(LockedRegistry& registry, Pick pick) {
  const auto usable_now = [&]() -> std::optional<PluginReport> {
    const Result<PluginReport> picked = pick();
    if (!picked || picked->refused) return std::nullopt;
    PluginReport report = examine_file(picked->file).report;
    if (!is_same(report, *picked)) return std::nullopt;
    return judged(std::move(report));
  };
  if (found_)
    if (std::optional<PluginReport> report = usable_now()) return *std::move(report);
  found_ = search(registry, Detail::names);
  if (std::optional<PluginReport> report = usable_now()) return *std::move(report);
  found_ = search(registry, Detail::whole);
  return pick();
}

Result<PluginReport> PluginRegistry::Impl::find(LockedRegistry& registry, std::string_view name_or_file) {
  if (name_or_file.find('/') == std::string_view::npos)
    return look_up(registry, [&] { return pick_named(name_or_file); });
  const std::string file(name_or_file);
  std::error_code failed;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, failed)))
    return Error(ErrorCode::plugin_refused, "there is no plugin file '" + printable(file) + "'",
                 "check the path", Value::object({{"file", printable(file)}}));
  return judged(examine_file(file).report);
}

Result<PluginReport> PluginRegistry::Impl::pick_named(std::string_view name) const {
  std::vector<std::string> names;
  std::vector<Error> refused;
  for (const PluginReport& report : *found_) {
    if (report.name == name) return judged(report);
    if (usable(report)) names.push_back(report.name);
    if (is_unknown(report)) refused.push_back(*report.refused);
  }
  return not_found("no plugin is named '" + printable(name) + "'" + searched(), name, names, refused);
}

Result<PluginReport> PluginRegistry::Impl::find_component(LockedRegistry& registry, std::string_view kind,
                                                          std::string_view id) {
  const std::string component = std::string(kind) + ":" + std::string(id);
  if (const Found found = loaded_component(component); found.plugin) return judged(found.plugin->report);
  return look_up(registry, [&] { return pick_component(registry, kind, id); });
}

Result<PluginReport> PluginRegistry::Impl::pick_component(LockedRegistry& registry, std::string_view kind,
                                                          std::string_view id) const {
  const std::string prefix = std::string(kind) + ":";
  const std::string component = prefix + std::string(id);
  std::vector<const PluginReport*> able, unable, namesakes;
  std::vector<Error> refused;
  for (const PluginReport& report : *found_) {
    if (!report.shadowed_by.empty()) continue;
    if (provides(report, component))
      (usable(report) ? able : unable).push_back(&report);
    else if (!usable(report) && is_same_name(report.name, std::string(id)))
      namesakes.push_back(&report);
    else if (is_unknown(report))
      refused.push_back(*report.refused);
  }
  for (std::size_t i = 1; i < able.size(); ++i)
    registry.warn_once(std::string(kind) + " '" + std::string(id) + "' is in two plugins: '" +
                       able.front()->file + "' is used, '" + able[i]->file + "' is not");
  for (const auto* list : {&able, &unable, &namesakes})
    if (!list->empty()) return judged(*list->front());
  std::vector<std::string> ids;
  for (const PluginReport& report : *found_)
    if (usable(report))
      for (const std::string& each : report.provides)
        if (each.starts_with(prefix)) ids.push_back(each.substr(prefix.size()));
  return not_found("no plugin provides the " + std::string(kind) + " '" + printable(id) + "'" + searched(),
                   id, ids, refused);
}

/// Conflicts that are found without running the plugin's code.
Status PluginRegistry::Impl::check_conflicts(const PluginReport& report) const {
  if (const Loaded* other = loaded_plugin(report.name))
    return refused(report, "a plugin of that name is loaded already, from '" + other->report.file + "'",
                   "remove one of the two files, or name only one");
  for (const std::string& component : report.provides)
    if (const Found other = loaded_component(component); other.plugin)
      return refused(report,
                     "it provides '" + component + "', which plugin '" + other.plugin->report.name +
                         "' provides already",
                     "load only one of the two");
  return Done{};
}

Status PluginRegistry::Impl::load(LockedRegistry&, const PluginReport& found) {
  if (const Loaded* same = loaded_plugin(found.name); same && same->report.file == found.file) return Done{};
  if (found.refused) return *found.refused;
  // once more, and it stays open: what is checked here is what is mapped
  ExaminedPlugin examined = examine_file(found.file);
  const PluginReport report = judged(std::move(examined.report));
  if (report.refused) return *report.refused;
  if (report.name != found.name || report.provides != found.provides)
    return refused(found, "its file was replaced by another plugin while it was loaded", "try again");
  TACHIKOMA_TRY_STATUS(check_conflicts(report));
  Result<std::shared_ptr<Module>> module = open_module(report.name, report.file, std::move(examined.file));
  if (!module) return refused(report, std::move(module).error());
  auto registrations = register_components(**module, report.provides);
  if (!registrations) return refused(report, std::move(registrations).error());
  loaded_.push_back(std::make_unique<Loaded>(Loaded{report, *std::move(module), *std::move(registrations)}));
  loaded_.back()->report.loaded = true;
  return Done{};
}

PluginRegistry::Impl::Found PluginRegistry::Impl::loaded_component(const std::string& component) const {
  for (const auto& plugin : loaded_)
    for (const Registration& registration : plugin->registrations)
      if (registration.component == component) return {plugin.get(), &registration};
  return {};
}

const PluginRegistry::Impl::Loaded* PluginRegistry::Impl::loaded_plugin(std::string_view name) const {
  for (const auto& plugin : loaded_)
    if (plugin->report.name == name) return plugin.get();
  return nullptr;
}

/// "; searched '/a' and '/b' (no such folder)", for a message.
std::string PluginRegistry::Impl::searched() const {
  std::string text;
  for (const std::string& folder : folders_.all()) {
    std::error_code failed;
    text += (text.empty() ? "; searched '" : ", '") + folder + "'";
    if (!std::filesystem::is_directory(folder, failed)) text += " (no such folder)";
  }
  return text;
}

PluginRegistry::PluginRegistry(std::vector<std::string> paths, LogCallback log)
    : impl_(std::make_unique<Impl>(paths, std::move(log))) {}
PluginRegistry::~PluginRegistry() = default;
PluginRegistry::PluginRegistry(PluginRegistry&&) noexcept = default;
PluginRegistry& PluginRegistry::operator=(PluginRegistry&&) noexcept = default;

Status PluginRegistry::add_paths(const std::vector<std::string>& paths) { return impl_->add_paths(paths); }
Status PluginRegistry::set_configured_paths(const std::vector<std::string>& paths) {
  return impl_->set_configured_paths(paths);
}
void PluginRegistry::allow(std::vector<std::string> names) { impl_->allow(std::move(names)); }
std::vector<std::string> PluginRegistry::search_path() const { return impl_->search_path(); }
std::vector<PluginReport> PluginRegistry::scan() { return impl_->scan(); }
Result<PluginReport> PluginRegistry::find(std::string_view name_or_file) { return impl_->find(name_or_file); }
Result<PluginReport> PluginRegistry::find_component(std::string_view kind, std::string_view id) {
  return impl_->find_component(kind, id);
}
Status PluginRegistry::load(std::string_view name_or_file) { return impl_->load(name_or_file); }
Result<std::shared_ptr<Provider>> PluginRegistry::make_provider(std::string_view id, const Value& settings,
                                                                std::string_view name) {
  return impl_->make<Provider>(id, settings, name);
}
Result<std::shared_ptr<Tool>> PluginRegistry::make_tool(std::string_view id, const Value& settings,
                                                        std::string_view name) {
  return impl_->make<Tool>(id, settings, name);
}
Result<std::shared_ptr<Monitor>> PluginRegistry::make_monitor(std::string_view id, const Value& settings,
                                                              std::string_view name) {
  return impl_->make<Monitor>(id, settings, name);
}
const LogCallback& PluginRegistry::log() const { return impl_->log(); }

}  // namespace tachikoma
