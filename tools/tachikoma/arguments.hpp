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

/// Parses the command line. Fails with `invalid_argument`, naming what was not understood and what is
/// near it. Reads no file.
Result<Options> parse_arguments(int argc, const char* const* argv);

/// True when the errors of this command line are to be printed as JSON, even those of parsing it.
bool wants_json(int argc, const char* const* argv);

}  // namespace tachikoma::cli
