// SPDX-License-Identifier: MIT
#include <utility>

#include "base/try.hpp"
#include "llamacpp/attached.hpp"
#include "llamacpp/launched.hpp"
#include "llamacpp/reserved_options.hpp"

namespace tachikoma::llamacpp {
namespace {

std::vector<std::string> texts(const Value& list) {
  std::vector<std::string> all;
  for (const Value& each : list.elements()) all.emplace_back(each.as_string());
  return all;
}

Engine::Options read_options(const Value& settings) {
  Engine::Options options;
  if (const Value& server = settings["server"]; server.is_string()) options.server = server.as_string();
  options.models_folder = std::string(settings["models_dir"].as_string());
  options.launch.arguments = texts(settings["args"]);
  options.launch.rpc = texts(settings["rpc"]);
  for (const Member& variable : settings["environment"].members())
    options.launch.environment.emplace_back(variable.key, variable.value.as_string());
  if (const Value& time = settings["start_timeout"]; time.is_integer())
    options.launch.ready_time = std::chrono::milliseconds(time.as_integer());
  return options;
}

/// With a base_url: a server that was started elsewhere; without one: servers that are started here.
Result<std::unique_ptr<Provider>> make(const Value& settings, Host& host) {
  if (!settings["base_url"].as_string().empty())
    return kit::make_server_provider<Attached, kit::UrlPath::mount>(settings, host);
  for (const Value& word : settings["args"].elements())
    TACHIKOMA_TRY_STATUS(check_argument("'args'", word.as_string()));
  for (const Member& variable : settings["environment"].members())
    TACHIKOMA_TRY_STATUS(check_variable("'environment'", variable.key));
  TACHIKOMA_TRY(kit::ServerSettings read, kit::ServerSettings::read(settings));
  return std::unique_ptr<Provider>(
      std::make_unique<Launched>(read_options(settings), std::move(read.access), host));
}

}  // namespace
}  // namespace tachikoma::llamacpp

TACHIKOMA_PLUGIN(registrar) { return registrar.provider("llamacpp", tachikoma::llamacpp::make); }
