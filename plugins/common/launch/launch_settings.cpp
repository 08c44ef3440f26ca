// SPDX-License-Identifier: MIT
#include <array>
#include <utility>

#include "base/try.hpp"
#include "common/launch/launched_server.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 5> kSignals{
    {{"TERM", SIGTERM}, {"INT", SIGINT}, {"HUP", SIGHUP}, {"QUIT", SIGQUIT}, {"KILL", SIGKILL}}};

Error invalid(std::string message) { return Error(ErrorCode::config_invalid, std::move(message)); }

Status read_command(const Value& settings, ChildCommand& command) {
  for (const Value& word : settings["command"].elements()) command.argv.emplace_back(word.as_string());
  if (command.argv.empty() || command.argv.front().empty())
    return invalid("'launch.command' names no program");
  for (const Member& variable : settings["environment"].members()) {
    if (variable.key.empty() || variable.key.find('=') != std::string::npos)
      return invalid("'launch.environment' has the name '" + variable.key + "', which no variable can have");
    command.environment.emplace_back(variable.key, variable.value.as_string());
  }
  return Done{};
}

Status read_signal(const Value& name, int& number) {
  if (name.is_null()) return Done{};
  for (const auto& [known, signal] : kSignals) {
    if (name.as_string() != known) continue;
    number = signal;
    return Done{};
  }
  return invalid("'launch.stop_signal' is '" + std::string(name.as_string()) +
                 "', which is none of TERM, INT, HUP, QUIT and KILL");
}

void read_time(const Value& value, std::chrono::milliseconds& time) {
  if (value.is_integer()) time = std::chrono::milliseconds(value.as_integer());
}

}  // namespace

Result<std::optional<LaunchSettings>> LaunchSettings::read(const Value& settings) {
  if (settings.is_null()) return std::optional<LaunchSettings>();
  LaunchSettings out;
  TACHIKOMA_TRY_STATUS(read_command(settings, out.command));
  TACHIKOMA_TRY_STATUS(read_signal(settings["stop_signal"], out.command.stop_signal));
  read_time(settings["stop_timeout"], out.command.stop_time);
  read_time(settings["ready_timeout"], out.ready_time);
  if (const Value& ready = settings["ready"]; ready.is_string()) out.ready = ready.as_string();
  if (!out.ready.empty() && !out.ready.starts_with('/'))
    return invalid("'launch.ready' is '" + out.ready + "', which is not a path on the server");
  out.command.keep_all = settings["stays"].as_bool() == false;
  out.restarts = settings["restarts"].as_integer(out.restarts);
  out.log = settings["log"].as_bool();
  return std::optional<LaunchSettings>(std::move(out));
}

}  // namespace tachikoma::kit
