// SPDX-License-Identifier: MIT
#include "programs.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>
#include <unistd.h>

#include "base/blocking_io.hpp"
#include "base/excerpt.hpp"
#include "base/running_programs.hpp"
#include "base/trusted_file.hpp"
#include "base/try.hpp"
#include "session.hpp"
#include "table.hpp"
#include "width.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Error unusable(std::string why) { return {ErrorCode::invalid_argument, std::move(why)}; }

Result<std::string> read_status_file(const base::TrustedFolder& folder, const std::string& name) {
  constexpr std::size_t kMost = 16 << 20;
  TACHIKOMA_TRY(const base::TrustedFile opened, folder.open(name));
  std::string text;
  std::array<char, 65536> bytes;
  for (;;) {
    const ssize_t count = base::read_some(opened.file.value(), bytes.data(), bytes.size());
    if (count < 0) return unusable("it can't be read");
    if (count == 0) return text;
    text.append(bytes.data(), static_cast<std::size_t>(count));
    if (text.size() > kMost) return unusable("it is too large");
  }
}

Result<Value> read_status(const base::TrustedFolder& folder, const std::string& name) {
  TACHIKOMA_TRY(const std::string text, read_status_file(folder, name));
  TACHIKOMA_TRY(Value status, parse_json(text));
  if (status["kind"].as_string() != "program") return unusable("it is not of the kind 'program'");
  if (status["schema_version"].as_integer() != 1)
    return unusable("its schema_version is not 1, the one that this program reads");
  if (!status["pid"].is_integer() || !status["start_time"].is_integer() ||
      !status["written_at"].is_number() || !status["models"].is_array() || !status["switches"].is_array())
    return unusable("it lacks 'pid', 'start_time', 'written_at', 'models' or 'switches'");
  return status;
}

bool has_ended(const Value& status) {
  return base::start_of_process(status["pid"].as_integer()) != status["start_time"].as_integer();
}

// What has passed since the file was written.
void add_time(Value& number, double seconds) {
  if (Value* value = number.find("value"); value && value->is_number())
    *value = std::round((value->as_real() + seconds) * 1000) / 1000;
}

// A program as of now.
Value program_of(const Value& status) {
  const double age = std::max(0.0, now() - status["written_at"].as_real());
  Value models = Value::array();
  for (Value model : status["models"].elements()) {
    if (Value* time = model.find("in_memory_for")) add_time(*time, age);
    if (Value* time = model.find("unused_for"); time && model["leases"].as_integer() == 0)
      add_time(*time, age);
    models.push_back(std::move(model));
  }
  return Value::object({{"pid", status["pid"]},
                        {"name", status["name"]},
                        {"config", status["config"]},
                        {"models", std::move(models)},
                        {"switches", status["switches"]}});
}

std::string duration_cell(double seconds) {
  constexpr double kCentury = 100.0 * 365 * 86400;
  return format_duration(milliseconds(static_cast<std::int64_t>(std::clamp(seconds, 0.0, kCentury) * 1000)));
}

std::string time_cell(const Value& number) {
  return number["value"].is_number() ? duration_cell(number["value"].as_real()) : "-";
}

// RAM and GPU memory together.
std::string memory_cell(const Value& model) {
  const Value &ram = model["ram_bytes"], &vram = model["vram_bytes"];
  if (!ram["value"].is_integer() || !vram["value"].is_integer()) return "-";
  const bool estimated =
      ram["source"].as_string() == "estimated" || vram["source"].as_string() == "estimated";
  const double bytes = ram["value"].as_real() + vram["value"].as_real();
  return (estimated ? "~" : "") + format_bytes(static_cast<std::int64_t>(std::clamp(bytes, 0.0, 1e18)));
}

std::string state_cell(const Value& model) {
  std::string state(model["residence"].as_string("-"));
  if (model["foreign"].as_bool()) state += " by others";
  if (model["pinned"].as_bool()) state += ", pinned";
  return state;
}

std::string last_switch(const Value& program, const Value& model) {
  const auto& switches = program["switches"].elements();
  const auto last = std::find_if(switches.rbegin(), switches.rend(), [&](const Value& each) {
    return each["provider"] == model["provider"] && each["key"] == model["key"];
  });
  if (last == switches.rend()) return "-";
  return ((*last)["loaded"].as_bool() ? "loaded " : "unloaded ") +
         duration_cell(now() - (*last)["at"].as_real()) +
         " ago: " + std::string((*last)["reason"].as_string());
}

std::string heading(const Value& program) {
  std::string text(program["name"].as_string());
  text += " (pid " + std::to_string(program["pid"].as_integer());
  if (program["config"].is_string()) text += ", " + std::string(program["config"].as_string());
  return base::printable(text, text.size()) + ")";
}

std::string models_table_of(const Value& program, std::size_t room) {
  std::vector<std::vector<std::string>> rows{
      {"ADDRESS", "STATE", "REQUESTS", "WAITING", "MEMORY", "LOADED FOR", "UNUSED FOR", "LAST SWITCH"}};
  for (const Value& model : program["models"].elements())
    rows.push_back(
        {address(std::string(model["provider"].as_string()), std::string(model["key"].as_string())),
         state_cell(model), format_count(model["leases"].as_integer()),
         format_count(model["waiting"].as_integer()), memory_cell(model), time_cell(model["in_memory_for"]),
         time_cell(model["unused_for"]), last_switch(program, model)});
  return table(rows, {.right = {2, 3, 4, 5, 6}, .names = {0}, .optional = {6, 5, 3, 4, 2}, .prose = 7}, room);
}

}  // namespace

std::vector<Value> running_programs(Output& output) {
  const std::string path = base::status_folder();
  std::vector<std::string> names;
  std::error_code failure;
  if (path.empty()) return {};
  for (const auto& each : fs::directory_iterator(path, failure))
    if (each.path().extension() == ".json") names.push_back(each.path().filename().string());
  std::sort(names.begin(), names.end());
  const base::TrustedFolder folder(path);
  std::vector<Value> programs;
  for (const std::string& name : names) {
    const std::string file = path + "/" + name;
    const Result<Value> status = read_status(folder, name);
    if (status && !has_ended(*status))
      programs.push_back(program_of(*status));
    else if (status)
      ::unlink(file.c_str());
    else if (fs::exists(file, failure))  // else its program has ended meanwhile
      output.warn("'" + file + "' does not say what a program keeps in memory: " + status.error().message);
  }
  return programs;
}

std::string programs_text(const std::vector<Value>& programs, std::size_t room) {
  std::string text;
  for (const Value& program : programs) {
    const bool none = program["models"].elements().empty();
    text += (text.empty() ? "" : "\n") +
            wrapped_text(heading(program) + (none ? ": no models\n" : "\n"), room, 2) +
            (none ? "" : models_table_of(program, room));
  }
  return text;
}

}  // namespace tachikoma::cli
