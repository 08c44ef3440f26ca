// SPDX-License-Identifier: MIT
#include "log_entries.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/generation_log.hpp"
#include "base/lists.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"
#include "session.hpp"
#include "table.hpp"

#include <tachikoma/config.hpp>
#include <tachikoma/model_management.hpp>

namespace tachikoma::cli {
namespace {

using std::chrono::system_clock;

// A date, or a date and a time, here.
std::optional<system_clock::time_point> read_date(const std::string& text) {
  for (const char* form : {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"}) {
    std::tm local = {};
    local.tm_isdst = -1;
    const char* end = ::strptime(text.c_str(), form, &local);
    if (end && *end == '\0') return system_clock::from_time_t(std::mktime(&local));
  }
  return std::nullopt;
}

// A time ago is written as in a configuration.
std::optional<system_clock::time_point> read_time(const std::string& text) {
  const Result<LoadSettings> ago = read_load_settings(Value::object({{"ttl", text}}));
  if (ago && ago->ttl) return system_clock::now() - *ago->ttl;
  return read_date(text);
}

// The files that the configuration has for it; empty: the user's own.
Result<std::vector<std::string>> configured_files(const Options& options) {
  std::vector<std::string> files;
  TACHIKOMA_TRY(const std::optional<std::string> file, choose_config(options));
  if (!file) return files;
  PluginRegistry registry = make_registry(options);
  TACHIKOMA_TRY(const Config config, load_config(*file, registry));
  for (const ComponentConfig& monitor : config.monitors)
    if (monitor.plugin == "sqlite_log") files.emplace_back(monitor.settings["file"].as_string());
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

Result<std::string> choose_log(const Options& options) {
  if (!options.log_file.empty()) return options.log_file;
  TACHIKOMA_TRY(const std::vector<std::string> files, configured_files(options));
  if (files.size() > 1)
    return Error(ErrorCode::invalid_argument,
                 "the configuration has several logs: " + base::quoted_list(files, " and "),
                 "choose one with --file");
  if (!files.empty() && !files.front().empty()) return files.front();
  return base::default_log_file();
}

Error no_log(const std::string& file) {
  return Error(
      ErrorCode::config_invalid,
      file.empty() ? "there is no log of generations" : "there is no log of generations in '" + file + "'",
      "it is kept from the first request on with these lines in the configuration:\n"
      "  monitors:\n"
      "    log: {plugin: sqlite_log}",
      Value::object({{"file", file}}));
}

}  // namespace

void add_log_file(OptionSet& set, Options& options) {
  set.text("--file", options.log_file, "FILE", "Read this log, not that of the configuration");
}

void add_since(OptionSet& set, Options& options) {
  set.value(
      "--since", [&options](const std::string& text) { return bool(options.since = read_time(text)); },
      "a time such as '90m', '7d', '2026-11-30' or '2026-11-30T18:00'", "TIME",
      "Only what began since then: 90m or 7d ago, or a date");
}

Result<base::Database> open_log(const Options& options) {
  TACHIKOMA_TRY(const std::string file, choose_log(options));
  std::error_code failed;
  if (file.empty() || !std::filesystem::exists(file, failed)) return no_log(file);
  return base::read_log(file);
}

Result<base::Statement> select_entries(base::Database& log, std::string_view columns, const Options& options,
                                       std::string_view order) {
  std::string sql = "SELECT " + std::string(columns) + " FROM " + std::string(base::kLogTable) + " WHERE 1";
  Value::Array values;
  if (options.since) {
    const std::chrono::duration<double, std::milli> since = options.since->time_since_epoch();
    sql += " AND started_at >= ?";
    values.emplace_back(since.count());
  }
  if (!options.model.empty()) {
    sql += " AND ? IN (model, served_model, provider || '::' || model)";
    values.emplace_back(options.model);
  }
  if (options.failed) sql += " AND outcome = 'failed' AND error_code <> 'cancelled'";
  sql.append(" ORDER BY id ").append(order);
  if (options.entries) {
    sql += " LIMIT ?";
    values.emplace_back(*options.entries);
  }
  TACHIKOMA_TRY(base::Statement statement, log.prepare(sql));
  TACHIKOMA_TRY_STATUS(statement.bind(values));
  return statement;
}

Result<Value> find_entry(base::Database& log, std::optional<std::int64_t> id) {
  std::string names = "id";
  for (const base::LogColumn& column : base::log_columns()) names.append(", ").append(column.name);
  const std::string from = " FROM " + std::string(base::kLogTable);
  TACHIKOMA_TRY(
      base::Statement statement,
      log.prepare("SELECT " + names + from + " WHERE id = coalesce(?, (SELECT max(id)" + from + "))"));
  TACHIKOMA_TRY_STATUS(statement.bind({id ? Value(*id) : Value()}));
  TACHIKOMA_TRY(const bool found, statement.step());
  if (!found) return Value();
  Value entry = Value::object({{"id", statement.column(0)}});
  int at = 0;
  for (const base::LogColumn& column : base::log_columns()) entry.set(column.name, statement.column(++at));
  return entry;
}

std::string model_of(const Value& provider, const Value& model) {
  return address(std::string(provider.as_string()), std::string(model.as_string()));
}

}  // namespace tachikoma::cli
