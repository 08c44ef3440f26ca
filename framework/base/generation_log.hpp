// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sqlite.hpp"
#include "tachikoma/plugin/monitor.hpp"

/// The database of generations that the plugin `sqlite_log` writes and `tachikoma log` reads. What a column
/// is, and how it comes from an event, is said once, in the table of columns.

namespace tachikoma::base {

/// The schema that is written; `PRAGMA user_version` of the file.
inline constexpr std::int64_t kLogSchema = 1;
/// The table, with a row for each generation that has ended. Its `id` grows.
inline constexpr std::string_view kLogTable = "generations";

/// A column of the table.
struct LogColumn {
  enum class Form : std::uint8_t {
    number,
    word,     ///< one of ours
    text,     ///< of others
    json,     ///< a value of others, as text
    content,  ///< likewise, what was said
  };
  std::string_view name;
  std::string_view type;  ///< of SQL
  Form form;
  Value (*of)(const MonitorEvent& event);  ///< of one that is `finished` or `failed`
};

/// All but `id`. Times are in milliseconds, `started_at` since 1970, UTC. NULL is what is not known, or does
/// not apply.
std::span<const LogColumn> log_columns();

/// Where the log is if nobody says where: in the user's state folder. Empty if there is none.
std::string default_log_file();

/// Told of what one should know, in a sentence.
using Say = std::function<void(const std::string&)>;

/// Opens the log, or begins one, for this user alone. What can't be gone on with, because it is damaged or
/// of an older schema, is renamed, and `say` gets a sentence with both names. Fails with `config_invalid` if
/// the file is of a newer schema, of another program, or not this user's own.
Result<Database> open_log(const std::string& file, const Say& say);
/// Renames a log that turned out to be damaged, unless another program has done so already. Then it is to be
/// closed.
Status set_log_aside(const Database& log, const Say& say);
/// Opens a log that is there, to read it. Fails with `config_invalid`.
Result<Database> read_log(const std::string& file);

}  // namespace tachikoma::base
