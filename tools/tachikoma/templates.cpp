// SPDX-License-Identifier: MIT
#include "templates.hpp"

#include <array>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "base/lists.hpp"
#include "base/nearest.hpp"
#include "base/state_folder.hpp"
#include "session.hpp"

namespace tachikoma::cli {
namespace {

namespace fs = std::filesystem;

// The one that is preferred first: a project's own, beside its configuration.
std::vector<fs::path> folders(const Options& options) {
  std::vector<fs::path> all;
  if (const auto file = choose_config(options); file && *file)
    all.push_back(fs::path(**file).parent_path() / "prompts");
  if (const std::string user = base::config_folder(); !user.empty())
    all.push_back(fs::path(user) / "prompts");
  return all;
}

bool is_template(const fs::path& file) {
  constexpr std::array kExtensions{".md", ".txt", ".yaml", ".yml"};
  for (const char* extension : kExtensions)
    if (file.extension() == extension) return true;
  return false;
}

std::map<std::string, fs::path> all_templates(const Options& options) {
  std::map<std::string, fs::path> found;
  for (const fs::path& folder : folders(options)) {
    std::error_code failure;
    for (const auto& each : fs::directory_iterator(folder, failure))
      if (is_template(each.path())) found.emplace(each.path().stem().string(), each.path());
  }
  return found;
}

Error no_such_template(const std::string& name, const std::vector<std::string>& names,
                       const std::vector<fs::path>& searched) {
  std::string hint = base::did_you_mean(base::nearest(name, names));
  if (hint.empty() && !names.empty()) hint = "there are " + base::quoted_list(names);
  if (names.empty() && !searched.empty())
    hint = "write it as '" + (searched.front() / (name + ".md")).string() + "'";
  return {ErrorCode::invalid_argument, "there is no prompt template '" + name + "'", std::move(hint)};
}

}  // namespace

std::vector<std::string> template_names(const Options& options) {
  return base::texts_of(all_templates(options), [](const auto& each) { return each.first; });
}

Result<PromptTemplate> find_template(const Options& options) {
  const std::string& name = options.prompt_template;
  if (name.find('/') != std::string::npos) return load_prompt_template(name);
  const std::map<std::string, fs::path> all = all_templates(options);
  const auto found = all.find(name);
  if (found == all.end()) return no_such_template(name, template_names(options), folders(options));
  return load_prompt_template(found->second.string());
}

}  // namespace tachikoma::cli
