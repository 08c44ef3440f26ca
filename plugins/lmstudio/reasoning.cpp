// SPDX-License-Identifier: MIT
#include "lmstudio/reasoning.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/lists.hpp"

namespace tachikoma::lmstudio {
namespace {

bool allows(const ModelInfo& model, std::string_view option) {
  const std::vector<std::string>& options = model.reasoning_options;
  return std::find(options.begin(), options.end(), option) != options.end();
}

}  // namespace

Effort choose_effort(ReasoningEffort asked, const ModelInfo& model) {
  const std::string word(to_string(asked));
  const std::string lead = "reasoning_effort '" + word + "' is ";
  if (model.reasoning_options.empty())
    return {"", lead + "left out: LM Studio lists no reasoning setting for '" + model.key + "'"};
  // the list calls it "off", but this route accepts only "none"
  if (allows(model, word) || (asked == ReasoningEffort::none && allows(model, "off"))) return {word, ""};
  const std::string choices = "'" + model.key + "' knows " + base::listed(model.reasoning_options);
  if (asked == ReasoningEffort::none || !allows(model, "on")) return {"", lead + "left out: " + choices};
  if (model.extra["reasoning"]["default"].as_string() == "on")
    return {"", lead + "left out: " + choices + ", and it is on by default"};
  return {"on", lead + "sent as 'on', which LM Studio may ignore: " + choices};
}

Effort send_unchecked(ReasoningEffort asked, std::string_view model) {
  const std::string word(to_string(asked));
  return {word, "reasoning_effort '" + word + "' is sent, but LM Studio does not say what '" +
                    std::string(model) + "' allows, and ignores what it does not"};
}

}  // namespace tachikoma::lmstudio
