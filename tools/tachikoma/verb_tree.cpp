// SPDX-License-Identifier: MIT
#include "verb_tree.hpp"

#include <algorithm>

#include "guesses.hpp"

namespace tachikoma::cli {

const Verb kRoot{.name = "",
                 .brief = "",
                 .summary = "Talks to local language models: LM Studio, or any server that its plugins know.",
                 .example = R"(  tachikoma ask "Why is the sky blue?"
  tachikoma ask --help
)"};

std::string prefix_of(const Verb& group) { return group.name.empty() ? "" : std::string(group.name) + " "; }

std::string_view name_in(const Verb& group, const Verb& verb) {
  const std::string prefix = prefix_of(group);
  if (!verb.name.starts_with(prefix)) return {};
  const std::string_view rest = verb.name.substr(prefix.size());
  return rest.find(' ') == std::string_view::npos ? rest : std::string_view{};
}

bool is_listed(const Verb& group, const Verb& verb) {
  return !verb.brief.empty() && !name_in(group, verb).empty();
}

std::vector<std::string> verbs_in(const Verb& group) {
  std::vector<std::string> names;
  for (const Verb* verb : kVerbs)
    if (is_listed(group, *verb)) names.emplace_back(name_in(group, *verb));
  return names;
}

bool is_group(const Verb& verb) { return !verb.run; }

std::string joined_by_bars(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : "|") + name;
  return all;
}

const Verb* find_verb(std::string_view name) {
  if (const Guess* guess = find_guess(name)) name = guess->verb;
  const auto found =
      std::find_if(kVerbs.begin(), kVerbs.end(), [&](const Verb* verb) { return verb->name == name; });
  return found == kVerbs.end() ? nullptr : *found;
}

std::string usage_of(const Verb& verb) {
  if (&verb == &kRoot) return "[OPTIONS] COMMAND ...";
  if (is_group(verb)) return joined_by_bars(verbs_in(verb)) + " [OPTIONS] ...";
  return std::string(verb.usage);
}

std::vector<std::string> names_in(const Verb* group) { return verbs_in(group ? *group : kRoot); }

}  // namespace tachikoma::cli
