// SPDX-License-Identifier: MIT
#include "models/model_names.hpp"

#include <algorithm>
#include <filesystem>

#include "base/ascii.hpp"
#include "base/gguf.hpp"

namespace tachikoma {
namespace {

std::string_view last_segment(std::string_view key) { return key.substr(key.rfind('/') + 1); }

// `bar` of `bar@q4_k_m`: LM Studio writes the variant behind the name.
std::string_view without_variant(std::string_view segment) { return segment.substr(0, segment.find('@')); }

bool is_segment(std::string_view name, const ModelInfo& info) {
  const std::string_view segment = last_segment(info.key);
  return base::same_ignoring_case(name, segment) || base::same_ignoring_case(name, without_variant(segment));
}

bool is_segment_with_quantization(std::string_view name, const ModelInfo& info) {
  const std::string_view segment = without_variant(last_segment(info.key));
  if (info.quantization.empty() || name.size() != segment.size() + 1 + info.quantization.size()) return false;
  const char joint = name[segment.size()];
  return (joint == '-' || joint == '@' || joint == '.') &&
         base::same_ignoring_case(name.substr(0, segment.size()), segment) &&
         base::same_ignoring_case(name.substr(segment.size() + 1), info.quantization);
}

}  // namespace

std::optional<std::string> model_file(std::string_view name) {
  if (!base::has_gguf_suffix(name)) return std::nullopt;  // nearly every name, of every request
  const std::filesystem::path path(name);
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return std::nullopt;
  const std::filesystem::path whole = std::filesystem::absolute(path, failed);
  if (failed) return std::nullopt;
  return whole.lexically_normal().string();
}

std::string wire_name(const ModelInfo& info) {
  const auto same = [&](const ModelInstance& instance) { return instance.id == info.key; };
  if (info.instances.empty() || std::any_of(info.instances.begin(), info.instances.end(), same))
    return info.key;
  return info.instances.front().id;
}

std::vector<NameMatch> match_name(std::string_view name, const std::vector<ListedModel>& models) {
  std::vector<NameMatch> matches;
  for (const ListedModel& model : models)
    for (const ModelInstance& instance : model.info.instances)
      if (base::same_ignoring_case(name, instance.id)) matches.push_back({&model, instance.id});
  if (!matches.empty()) return matches;

  const auto is_key = [](std::string_view text, const ModelInfo& info) {
    return base::same_ignoring_case(text, info.key);
  };
  for (const auto step : {+is_key, &is_segment, &is_segment_with_quantization}) {
    for (const ListedModel& model : models)
      if (step(name, model.info)) matches.push_back({&model, wire_name(model.info)});
    if (!matches.empty()) return matches;
  }
  return matches;
}

std::vector<NameMatch> match_file(std::string_view path, const std::vector<ListedModel>& models) {
  std::vector<NameMatch> matches;
  if (!base::has_gguf_suffix(path)) return matches;
  for (const ListedModel& model : models) {
    const std::string& listed = model.info.path;
    if (!listed.empty() && (path == listed || path.ends_with("/" + listed)))
      matches.push_back({&model, wire_name(model.info)});
  }
  if (!matches.empty()) return matches;
  const std::string_view file = last_segment(path);
  const std::optional<base::GgufShard> shard = base::read_shard_name(file);
  return match_name(shard ? shard->stem : base::without_gguf_suffix(file), models);
}

}  // namespace tachikoma
