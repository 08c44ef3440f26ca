// SPDX-License-Identifier: MIT
// The verbs as groups of verbs: "plugin list" is the verb "list" of the group "plugin".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verbs.hpp"

namespace tachikoma::cli {

/// The group of all.
extern const Verb kRoot;

/// What stands before the name of a verb in `group`.
std::string prefix_of(const Verb& group);
/// The name of a verb as `group` lists it; empty when it is not there.
std::string_view name_in(const Verb& group, const Verb& verb);
/// True if the help of `group` shows it.
bool is_listed(const Verb& group, const Verb& verb);
std::vector<std::string> verbs_in(const Verb& group);
/// The same; in the group of all, without one.
std::vector<std::string> names_in(const Verb* group);
bool is_group(const Verb& verb);
std::string joined_by_bars(const std::vector<std::string>& names);

/// The verb of that name, "plugin list", or what it is called elsewhere; null if there is none.
const Verb* find_verb(std::string_view name);
/// What follows the name of a verb in its help.
std::string usage_of(const Verb& verb);

}  // namespace tachikoma::cli
