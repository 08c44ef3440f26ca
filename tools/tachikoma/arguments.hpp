// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "verbs.hpp"

#include <tachikoma/plugin/result.hpp>

namespace tachikoma::cli {

/// An option, as the help shows it.
struct OptionRow {
  std::vector<std::string> names;  ///< "-m", "--model"; the long one last
  std::string type;                ///< what its value is called; empty: it has none
  std::string help;
  std::vector<std::string> choices;  ///< its values, if they are only certain ones
};

/// The options that a verb has of its own, in the order of its help.
std::vector<OptionRow> options_of(const Verb& verb);
/// Those of every verb.
std::vector<OptionRow> common_options();
/// The verbs that the help lists in a group; in all, without one. Of "plugin list" that is "list".
std::vector<std::string> names_in(const Verb* group);
/// The verb of that name, "plugin list", or what it is called elsewhere; null if there is none.
const Verb* find_verb(std::string_view name);
/// What follows the name of a verb in its help.
std::string usage_of(const Verb& verb);

/// Parses the command line. Fails with `invalid_argument`, naming what was not understood and what is
/// near it. Reads no file.
Result<Options> parse_arguments(int argc, const char* const* argv);

/// True when the errors of this command line are to be printed as JSON, even those of parsing it.
bool wants_json(int argc, const char* const* argv);

}  // namespace tachikoma::cli
