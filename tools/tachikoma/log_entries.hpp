// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/sqlite.hpp"
#include "option_set.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace tachikoma::cli {

/// The log has times in milliseconds, what is shown of it in seconds.
inline constexpr double kMsPerSecond = 1000;

/// `--file`.
void add_log_file(OptionSet& set, Options& options);
/// `--since`.
void add_since(OptionSet& set, Options& options);

/// The log that --file names, else that of the configuration, else the user's. `config_invalid` says how to
/// switch it on, if there is none.
Result<base::Database> open_log(const Options& options);

/// These columns of the entries that --model, --since and --failed ask for. `order` is "ASC" or "DESC"; the
/// newest have the highest ids.
Result<base::Statement> select_entries(base::Database& log, std::string_view columns, const Options& options,
                                       std::string_view order);

/// All that the log has of an entry, as columns by name; null if there is none. No id: the last one.
Result<Value> find_entry(base::Database& log, std::optional<std::int64_t> id);

/// "provider::model"
std::string model_of(const Value& provider, const Value& model);

}  // namespace tachikoma::cli
