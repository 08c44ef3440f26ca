// SPDX-License-Identifier: MIT
#include "tachikoma/plugin_check.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <unistd.h>

#include "base/not_found.hpp"
#include "base/try.hpp"
#include "conformance/check.hpp"
#include "conformance/component_settings.hpp"
#include "plugins/plugin_file.hpp"

namespace tachikoma {
namespace {

using namespace conformance;

const std::vector<Check>& table() {
  static const std::vector<Check> all = [] {
    std::vector<Check> joined;
    for (const auto& group : {file_checks(), symbol_checks(), load_checks(), schema_checks(),
                              component_checks(), process_checks(), provider_checks(), conduct_checks(),
                              capability_checks(), tool_checks(), monitor_checks()})
      joined.insert(joined.end(), group.begin(), group.end());
    return joined;
  }();
  return all;
}

const Check* find_check(std::string_view name) {
  const auto found = std::find_if(table().begin(), table().end(),
                                  [&](const Check& each) { return each.about.name == name; });
  return found == table().end() ? nullptr : &*found;
}

std::string_view group_of(std::string_view name) { return name.substr(0, name.find('.')); }

bool is_meant(const Check& check, std::string_view word) {
  return check.about.name == word || group_of(check.about.name) == word;
}

Status check_words(const std::vector<std::string>& only) {
  for (const std::string& word : only) {
    if (std::any_of(table().begin(), table().end(), [&](const Check& each) { return is_meant(each, word); }))
      continue;
    std::vector<std::string> names;
    for (const Check& each : table()) {
      names.emplace_back(each.about.name);
      const std::string group(group_of(each.about.name));
      if (std::find(names.begin(), names.end(), group) == names.end()) names.push_back(group);
    }
    return base::not_found(ErrorCode::invalid_argument, "there is no check '" + word + "'", word, names,
                           "docs/plugin-check.md lists all checks");
  }
  return Done{};
}

// A folder for files that settings name, gone at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (std::filesystem::temp_directory_path(ignored_) / "plugin-check-XXXXXX").string();
    if (const char* made = ::mkdtemp(name.data())) path_ = made;
  }
  ~ScratchFolder() {
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored_);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::error_code ignored_;
  std::string path_;
};

/// Tries checks, each once and after the one that it needs.
class Trial {
 public:
  Trial(const Subject& subject, std::chrono::milliseconds limit) : subject_(subject), limit_(limit) {}

  const CheckResult& result_of(const Check& check) {
    if (const auto known = results_.find(check.about.name); known != results_.end()) return known->second;
    const std::string obstacle = obstacle_before(check);
    const auto start = std::chrono::steady_clock::now();
    const Verdict verdict =
        obstacle.empty() ? run_apart([&] { return check.run(subject_); }, limit_) : skip(obstacle);
    const auto time = std::chrono::steady_clock::now() - start;
    if (verdict.status == CheckStatus::fail)
      obstacles_[check.about.name] = "it can't be tried while '" + std::string(check.about.name) + "' fails";
    else
      obstacles_[check.about.name] = obstacle;
    return results_[check.about.name] = {check.about, verdict.status, verdict.reason,
                                         std::chrono::duration_cast<std::chrono::milliseconds>(time)};
  }
  bool is_known(const Check& check) const { return results_.count(check.about.name) > 0; }

 private:
  // Why it can't be tried; empty if it can.
  std::string obstacle_before(const Check& check) {
    for (std::string_view left = check.needs; !left.empty();) {
      const std::string_view name = left.substr(0, left.find(' '));
      left.remove_prefix(std::min(name.size() + 1, left.size()));
      const Check& needed = *find_check(name);
      result_of(needed);
      if (const std::string& obstacle = obstacles_[needed.about.name]; !obstacle.empty()) return obstacle;
    }
    return {};
  }

  const Subject& subject_;
  const std::chrono::milliseconds limit_;
  std::map<std::string_view, CheckResult> results_;
  std::map<std::string_view, std::string> obstacles_;  // what keeps those that need it from being tried
};

}  // namespace

const std::vector<PluginCheck>& plugin_checks() {
  static const std::vector<PluginCheck> all = [] {
    std::vector<PluginCheck> rows;
    for (const Check& check : table()) rows.push_back(check.about);
    return rows;
  }();
  return all;
}

Result<std::vector<CheckResult>> check_plugin(std::string_view file, const CheckOptions& options) {
  TACHIKOMA_TRY_STATUS(check_words(options.only));
  Subject subject;
  std::error_code failed;
  subject.file = std::filesystem::absolute(file, failed).string();
  if (!std::filesystem::exists(std::filesystem::symlink_status(subject.file, failed)))
    return Error(ErrorCode::plugin_refused, "there is no plugin file '" + subject.file + "'",
                 "check the path", Value::object({{"file", subject.file}}));
  subject.report = plugins::examine_file(subject.file).report;
  const ScratchFolder folder;
  TACHIKOMA_TRY(subject.settings, find_settings(subject.report, options.settings_file, folder.path()));

  Trial trial(subject, options.limit);
  std::vector<CheckResult> results;
  for (const Check& check : table())
    if (options.only.empty() || std::any_of(options.only.begin(), options.only.end(),
                                            [&](const std::string& word) { return is_meant(check, word); }))
      trial.result_of(check);
  for (const Check& check : table())
    if (trial.is_known(check)) results.push_back(trial.result_of(check));
  return results;
}

}  // namespace tachikoma
