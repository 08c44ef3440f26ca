// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "interrupt.hpp"
#include "output.hpp"
#include "verbs.hpp"

#include <tachikoma/runtime.hpp>

namespace tachikoma::cli {

/// Makes the folders of --plugin-path absolute. Fails with `invalid_argument` if one is not a folder.
Status resolve_plugin_paths(Options& options);

/// A registry that logs as the options say.
PluginRegistry make_registry(const Options& options);

/// The configuration to use: --config, or the one that is found; nullopt if there is none. A named file that
/// does not exist is an error.
Result<std::optional<std::string>> choose_config(const Options& options);

/// The runtime of that configuration; without one, one that looks for the LM Studio of this machine when it
/// is asked something.
Result<Runtime> open_unchecked_runtime(const Options& options);

/// The runtime of that configuration; without one, the LM Studio of this machine. `unreachable` says
/// where it looked.
Result<Runtime> open_runtime(const Options& options);

/// Ends a verb with an error, and returns the exit code. After ^C the user knows what happened, and is only
/// told what else there is to know.
int fail(const Error& error, const StopOnInterrupt& stop, const Options& options, Output& output);

/// The error of one provider of several, with its name in front.
Error of_provider(const std::string& provider, Error error);

/// That nothing was listed, as far as that is known. `verb` is "is" or "was".
std::string nothing_in_memory(const Runtime& runtime, const LoadedListing& listing, std::string_view verb);

/// A name on a provider, as it is accepted wherever a model is named.
std::string address(const std::string& provider, const std::string& name);

}  // namespace tachikoma::cli
