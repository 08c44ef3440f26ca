// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::testing {

/// `tachikoma` with these words, reading that config file; not run yet.
Command cli(const std::string& config, const std::vector<std::string>& words, std::string input = {});

/// The JSON objects of a text that has one a line.
std::vector<Value> json_lines(const std::string& text);

/// The contents of the deltas of a `--stream-json` output, in order.
std::vector<std::string> deltas_of(const std::vector<Value>& lines);

/// The first object of that type in a `--stream-json` output, or null.
Value first_of_type(const std::vector<Value>& lines, std::string_view type);

}  // namespace tachikoma::testing
