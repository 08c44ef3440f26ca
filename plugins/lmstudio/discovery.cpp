// SPDX-License-Identifier: MIT
#include "lmstudio/discovery.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/json.hpp"
#include "common/server_error.hpp"
#include "lmstudio/model_files.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr std::uint16_t kUsualPort = 1234;
constexpr auto kProbeLimit = std::chrono::seconds(1);
constexpr char kHint[] =
    "check that LM Studio is running, that its server is started (its Developer tab, or: lms server start), "
    "and "
    "that nothing blocks its port; or set base_url";

void add_port(std::vector<std::uint16_t>& ports, std::int64_t port) {
  if (port < 1 || port > 65535) return;
  const auto fitting = static_cast<std::uint16_t>(port);
  if (std::find(ports.begin(), ports.end(), fitting) == ports.end()) ports.push_back(fitting);
}

struct Probe {
  std::shared_ptr<kit::HttpClient> client;
  Result<Greeting> greeting{Greeting{}};
};

std::string outcome_of(const Probe& probe) {
  const std::string where = probe.client->url().text();
  if (probe.greeting) return where + " (" + probe.greeting->answer + ")";
  const std::string& message = probe.greeting.error().message;
  const std::size_t cause = message.rfind('(');
  return where + " " + (cause == std::string::npos ? "(no answer in time)" : message.substr(cause));
}

}  // namespace

Result<Greeting> greet(kit::HttpClient& client, const kit::CallScope& scope) {
  const Result<kit::Document> reply =
      kit::fetch(client, {.path = "/lmstudio-greeting", .with_key = false}, scope);
  if (!reply) return reply.error();
  const Result<Value> json = base::parse_json(reply->body);
  if (reply->ok() && json && (*json)["lmstudio"].as_bool()) return Greeting{true, {}};
  Greeting greeting;
  if (!reply->server.empty()) {
    greeting.answer = "a server that calls itself '" + kit::excerpt(reply->server, 60) + "' answers there";
  } else {
    greeting.answer = "another server answers there, with HTTP status " + std::to_string(reply->status);
    const std::string said = kit::excerpt(reply->body, 80);
    if (!said.empty()) greeting.answer += " and '" + said + "'";
  }
  return greeting;
}

std::vector<std::uint16_t> candidate_ports() {
  std::vector<std::uint16_t> ports;
  const std::filesystem::path home = home_folder();
  if (!home.empty()) {
    const auto config = base::parse_json(read_small_file(home / ".internal" / "http-server-config.json"));
    if (config) add_port(ports, (*config)["port"].as_integer());
  }
  const char* given = std::getenv("TACHIKOMA_LMSTUDIO_PORTS");
  if (!given) {
    add_port(ports, kUsualPort);
    return ports;
  }
  for (std::string_view list = given; !list.empty();) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::int64_t port = 0;
    std::from_chars(list.data(), list.data() + comma, port);
    add_port(ports, port);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return ports;
}

Result<std::shared_ptr<kit::HttpClient>> discover(const kit::ServerSettings& settings, Host& host,
                                                  Cancellation& cancellation) {
  std::vector<Probe> probes;
  for (std::uint16_t port : candidate_ports()) {
    kit::ServerUrl url{.host = "127.0.0.1", .port = port};
    probes.push_back({std::make_shared<kit::HttpClient>(std::move(url), settings, host)});
  }
  const kit::CallScope scope{cancellation, kit::CallScope::Clock::now() + kProbeLimit};
  const auto run = [&](Probe& probe) { probe.greeting = greet(*probe.client, scope); };
  std::vector<std::thread> threads;
  for (Probe& probe : probes) {
    try {
      threads.emplace_back(run, std::ref(probe));
    } catch (const std::system_error&) {
      run(probe);  // no thread to be had: one after another
    }
  }
  for (std::thread& thread : threads) thread.join();
  if (cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
  std::string tried;
  for (Probe& probe : probes) {
    if (probe.greeting && probe.greeting->is_lmstudio) return std::move(probe.client);
    tried += (tried.empty() ? "" : ", ") + outcome_of(probe);
  }
  return Error(ErrorCode::unreachable,
               "no LM Studio answers on this machine; tried " + (tried.empty() ? "no port" : tried), kHint);
}

}  // namespace tachikoma::lmstudio
