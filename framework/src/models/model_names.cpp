// SPDX-License-Identifier: MIT
#include "models/model_names.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/ascii.hpp"
#include "base/gguf.hpp"

namespace tachikoma {
namespace {

using Matches = std::vector<NameMatch>;
using Equal = bool (*)(std::string_view, std::string_view);

bool same(std::string_view a, std::string_view b) { return a == b; }

std::string_view last_segment(std::string_view key) { return key.substr(key.rfind('/') + 1); }

// `bar` of `bar@q4_k_m`: LM Studio writes the variant behind the name.
std::string_view without_variant(std::string_view key) {
  const std::size_t at = key.find('@', key.rfind('/') + 1);
  return key.substr(0, at);
}

// "b/c" of "a/b/c".
bool is_end_of(std::string_view name, std::string_view key) {
  if (name.empty() || name.size() > key.size()) return false;
  const std::size_t start = key.size() - name.size();
  return base::same_ignoring_case(name, key.substr(start)) && (start == 0 || key[start - 1] == '/');
}

bool is_segment(std::string_view name, const ModelInfo& info) {
  return is_end_of(name, info.key) || is_end_of(name, without_variant(info.key));
}

bool is_segment_with_quantization(std::string_view name, const ModelInfo& info) {
  const std::string_view quantization = info.quantization;
  if (quantization.empty() || name.size() < quantization.size() + 2) return false;
  const std::size_t joint = name.size() - quantization.size() - 1;
  return (name[joint] == '-' || name[joint] == '@' || name[joint] == '.') &&
         base::same_ignoring_case(name.substr(joint + 1), quantization) &&
         is_end_of(name.substr(0, joint), without_variant(info.key));
}

// A model that a list has twice, or that matches in two ways, is one match.
void add(Matches& matches, const ListedModel& model, std::string wire_name, std::string key) {
  const auto is_it = [&](const NameMatch& each) {
    return each.wire_name == wire_name && each.model->provider == model.provider;
  };
  if (std::none_of(matches.begin(), matches.end(), is_it))
    matches.push_back({&model, std::move(wire_name), std::move(key)});
}

void add(Matches& matches, const ListedModel& model) {
  add(matches, model, wire_name(model.info), model.info.key);
}

void add_instances(Matches& matches, std::string_view name, const ListedModel& model, Equal equal) {
  for (const ModelInstance& instance : model.info.instances)
    if (equal(name, instance.id)) add(matches, model, instance.id, model.info.key);
}

void add_key(Matches& matches, std::string_view name, const ListedModel& model, Equal equal) {
  if (equal(name, model.info.key)) add(matches, model);
}

void add_aliases(Matches& matches, std::string_view name, const ListedModel& model, Equal equal) {
  for (const std::string& alias : model.info.aliases)
    if (equal(name, alias)) add(matches, model, alias, model.info.key);
}

// Another file of the model: the server loads it by that name only.
void add_variants(Matches& matches, std::string_view name, const ListedModel& model, Equal equal) {
  for (const std::string& variant : model.info.variants)
    if (equal(name, variant)) add(matches, model, variant, variant);
}

Matches match_listed(std::string_view name, SomeModels models, Equal equal) {
  Matches matches;
  for (const auto step : {add_instances, add_key, add_aliases, add_variants}) {
    for (const ListedModel* model : models) step(matches, name, *model, equal);
    if (!matches.empty()) break;
  }
  return matches;
}

std::string as_first_shard(std::string_view path) {
  return base::first_shard(std::filesystem::path(path)).generic_string();
}

}  // namespace

std::string file_path(std::string_view name, const std::string& folder) {
  std::filesystem::path path(name);
  const char* const home = std::getenv("HOME");
  if (name.starts_with("~/") && home && *home) path = std::filesystem::path(home) / name.substr(2);
  std::error_code ignored;
  const std::filesystem::path start(folder);
  return ((folder.empty() ? std::filesystem::current_path(ignored) : start) / path)
      .lexically_normal()
      .string();
}

std::optional<std::string> model_file(std::string_view name, const std::string& folder) {
  if (!base::names_file(name)) return std::nullopt;  // nearly every name, of every request
  const std::string path = file_path(name, folder);
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return std::nullopt;
  return base::first_shard(path).string();
}

std::string wire_name(const ModelInfo& info) {
  const auto is_key = [&](const ModelInstance& instance) { return instance.id == info.key; };
  if (info.instances.empty() || std::any_of(info.instances.begin(), info.instances.end(), is_key))
    return info.key;
  return info.instances.front().id;
}

Matches match_exactly(std::string_view name, SomeModels models) { return match_listed(name, models, same); }

Matches match_name(std::string_view name, const std::vector<ListedModel>& models) {
  std::vector<const ListedModel*> pointers;
  pointers.reserve(models.size());
  for (const ListedModel& model : models) pointers.push_back(&model);
  return match_name(name, SomeModels(pointers));
}

Matches match_name(std::string_view name, SomeModels models) {
  Matches matches = match_exactly(name, models);
  if (matches.empty()) matches = match_listed(name, models, base::same_ignoring_case);
  for (const auto step : {is_segment, is_segment_with_quantization}) {
    if (!matches.empty()) break;
    for (const ListedModel* model : models)
      if (step(name, model->info)) add(matches, *model);
  }
  return matches;
}

void add_names(ModelNames& names, const ListedModel& model) {
  const ModelInfo& info = model.info;
  for (const ModelInstance& instance : info.instances) names.add(instance.id, model);
  for (const auto* others : {&info.aliases, &info.variants})
    for (const std::string& name : *others) names.add(name, model);
  const std::string_view plain = without_variant(info.key);
  names.add_ends(info.key, {}, model);
  names.add_ends(plain, {}, model);
  if (info.quantization.empty()) return;
  for (const char* joint : {"-", "@", "."}) names.add_ends(plain, joint + info.quantization, model);
}

Matches match_file(std::string_view path, const std::vector<ListedModel>& models) {
  Matches matches;
  if (!base::names_file(path)) return matches;
  const std::string file = as_first_shard(path);
  for (const ListedModel& model : models) {
    if (model.info.path.empty()) continue;
    const std::string listed = as_first_shard(model.info.path);
    const bool below = file.ends_with("/" + listed);  // of a folder that the list does not name
    const bool part = !path.starts_with('/') && !path.starts_with('.') && listed.ends_with("/" + file);
    if (file == listed || below || part) add(matches, model);
  }
  return matches;
}

Matches match_file_name(std::string_view path, const std::vector<ListedModel>& models) {
  if (!base::has_gguf_suffix(path)) return {};
  const std::string_view file = last_segment(path);
  const std::optional<base::GgufShard> shard = base::read_shard_name(file);
  Matches matches = match_name(shard ? shard->stem : base::without_gguf_suffix(file), models);
  std::erase_if(matches, [](const NameMatch& match) { return !match.model->info.path.empty(); });
  return matches;
}

std::string unsearched(const std::vector<ListedModel>& models) {
  constexpr int kTold = 3;
  std::string text;
  int count = 0;
  for (const ListedModel& model : models)
    if (model.info.extra["unread"].as_bool() && ++count <= kTold)
      text += "; " + std::string(model.info.extra["error"].as_string());
  return count <= kTold ? text : text + "; and " + std::to_string(count - kTold) + " more";
}

}  // namespace tachikoma
