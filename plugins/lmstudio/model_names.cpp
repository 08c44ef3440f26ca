// SPDX-License-Identifier: MIT
#include "lmstudio/model_names.hpp"

#include <algorithm>

#include "base/ascii.hpp"

namespace tachikoma::lmstudio {
namespace {

struct NameParts {
  std::string_view publisher;  // empty if the name has none
  std::string_view model;
  std::string_view variant;  // the same
};

// "openai/gpt-oss-20b@q4_k_m:2"; the instance number is ignored.
NameParts parts_of(std::string_view name) {
  NameParts parts;
  const std::size_t colon = name.rfind(':');
  const std::string_view number = colon == std::string_view::npos ? "" : name.substr(colon + 1);
  if (!number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos)
    name = name.substr(0, colon);
  if (const std::size_t at = name.rfind('@'); at != std::string_view::npos) {
    parts.variant = name.substr(at + 1);
    name = name.substr(0, at);
  }
  if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos) {
    parts.publisher = name.substr(0, slash);
    name = name.substr(slash + 1);
  }
  parts.model = name;
  return parts;
}

bool agree(std::string_view a, std::string_view b) {
  return a.empty() || b.empty() || base::same_ignoring_case(a, b);
}

}  // namespace

const ModelInfo* find_model(const std::vector<ModelInfo>& models, std::string_view name) {
  using Equal = bool (*)(std::string_view, std::string_view);
  for (const Equal equal : {Equal([](std::string_view a, std::string_view b) { return a == b; }),
                            Equal(base::same_ignoring_case)}) {
    const auto is_it = [&](std::string_view each) { return equal(each, name); };
    const auto has_it = [&](const ModelInfo& model) {
      const auto& variants = model.extra["variants"].elements();
      return is_it(model.key) ||
             std::any_of(model.instances.begin(), model.instances.end(),
                         [&](const ModelInstance& instance) { return is_it(instance.id); }) ||
             std::any_of(variants.begin(), variants.end(),
                         [&](const Value& variant) { return is_it(variant.as_string()); });
    };
    const auto found = std::find_if(models.begin(), models.end(), has_it);
    if (found != models.end()) return &*found;
  }
  return nullptr;
}

bool same_name(std::string_view a, std::string_view b) {
  const NameParts one = parts_of(a), other = parts_of(b);
  return base::same_ignoring_case(one.model, other.model) && agree(one.variant, other.variant) &&
         agree(one.publisher, other.publisher);
}

bool same_model(const std::vector<ModelInfo>& models, std::string_view a, std::string_view b) {
  const ModelInfo* one = find_model(models, a);
  return one && one == find_model(models, b);
}

}  // namespace tachikoma::lmstudio
