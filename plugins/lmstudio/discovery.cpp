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

#include "base/excerpt.hpp"
#include "base/json.hpp"
#include "base/lists.hpp"
#include "base/try.hpp"
#include "common/errors/server_error.hpp"
#include "lmstudio/model_files.hpp"

namespace tachikoma::lmstudio {
namespace {

constexpr std::uint16_t kDefaultPort = 1234;
constexpr std::uint16_t kUsualSdkPorts[] = {41343, 52993, 16141, 39414, 22931};
constexpr char kHttpPorts[] = "TACHIKOMA_LMSTUDIO_PORTS";
constexpr char kSdkPorts[] = "TACHIKOMA_LMSTUDIO_SDK_PORTS";

void add_port(std::vector<std::uint16_t>& ports, std::int64_t port) {
  if (port < 1 || port > 65535) return;
  const auto fitting = static_cast<std::uint16_t>(port);
  if (std::find(ports.begin(), ports.end(), fitting) == ports.end()) ports.push_back(fitting);
}

// The port in one of LM Studio's own notes; 0 when there is none.
std::int64_t noted_port(const char* file) {
  const std::filesystem::path home = home_folder();
  if (home.empty()) return 0;
  const auto note = base::parse_json(read_small_file(home / ".internal" / file));
  return note ? (*note)["port"].as_integer() : 0;
}

void add_listed(std::vector<std::uint16_t>& ports, std::string_view list) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::int64_t port = 0;
    std::from_chars(list.data(), list.data() + comma, port);
    add_port(ports, port);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

std::string body_at(kit::HttpClient& client, const char* path, const kit::CallScope& scope) {
  const auto reply = kit::fetch(client, {.path = path, .with_key = false}, scope);
  return reply ? std::move(reply->body) : std::string();
}

// The program that sent such a reply, if the reply is unique to it; else empty.
std::string name_of(kit::HttpClient& client, const kit::Document& reply, const kit::CallScope& scope) {
  if (reply.server.find("llama.cpp") != std::string::npos) return "llama.cpp";
  if (reply.server.starts_with("nginx")) return "nginx";
  if (reply.body.starts_with("404 page not found") &&
      body_at(client, "/", scope).starts_with("Ollama is running"))
    return "Ollama";
  if (reply.server.starts_with("uvicorn") &&
      body_at(client, "/v1/models", scope).find("\"owned_by\":\"vllm\"") != std::string::npos)
    return "vLLM";
  if (reply.body.find("Cannot GET /") != std::string::npos) return "an Express server";
  return {};
}

Result<kit::Document> fetch_greeting(kit::HttpClient& client, bool with_key, const kit::CallScope& scope) {
  return kit::fetch(client, {.path = "/lmstudio-greeting", .with_key = with_key}, scope);
}

Greeting read_greeting(kit::HttpClient& client, const kit::Document& reply, const kit::CallScope& scope) {
  const Result<Value> json = base::parse_json(reply.body);
  if (reply.ok() && json && (*json)["lmstudio"].as_bool()) return Greeting{.is_lmstudio = true};
  Greeting greeting{.server = name_of(client, reply, scope)};
  if (!greeting.server.empty()) {
    greeting.answer = greeting.server + " answers there";
  } else if (!reply.server.empty()) {
    greeting.answer = "a server that calls itself '" + base::excerpt(reply.server, 60) + "' answers there";
  } else {
    greeting.answer = "another server answers there, with HTTP status " + std::to_string(reply.status);
    const std::string said = base::excerpt(reply.body, 80);
    if (!said.empty()) greeting.answer += " and '" + said + "'";
  }
  return greeting;
}

bool wants_key(int status) { return status == 401 || status == 403; }

// It says nothing of who would answer at another time.
bool is_refusal(int status) { return wants_key(status) || status == 429 || status >= 500; }

}  // namespace

Result<Greeting> greet(kit::HttpClient& client, const kit::CallScope& scope) {
  TACHIKOMA_TRY(const kit::Document reply, fetch_greeting(client, false, scope));
  return read_greeting(client, reply, scope);
}

Status check_is_lmstudio(kit::HttpClient& client, const kit::CallScope& scope) {
  TACHIKOMA_TRY(kit::Document reply, fetch_greeting(client, false, scope));
  if (wants_key(reply.status)) {
    TACHIKOMA_TRY(reply, fetch_greeting(client, true, scope));
  }
  const std::string url = client.url_text();
  if (is_refusal(reply.status))
    return kit::error_from_reply(reply.body, reply.status, reply.retry_after, {.base_url = url});
  const Greeting greeting = read_greeting(client, reply, scope);
  if (greeting.is_lmstudio) return Done{};
  return Error(ErrorCode::protocol, url + " is not LM Studio: " + greeting.answer,
               "use the plugin 'openai' for another OpenAI-compatible server, or correct base_url",
               Value::object({{"reason", "not_lmstudio"}}));
}

std::vector<std::uint16_t> http_ports(std::optional<std::uint16_t> users) {
  std::vector<std::uint16_t> ports;
  if (users) add_port(ports, *users);
  add_port(ports, noted_port("http-server-config.json"));
  if (const char* given = std::getenv(kHttpPorts))
    add_listed(ports, given);
  else
    add_port(ports, kDefaultPort);
  return ports;
}

std::vector<std::uint16_t> sdk_ports() {
  std::vector<std::uint16_t> ports;
  add_port(ports, noted_port("http-server.json"));
  if (const char* given = std::getenv(kSdkPorts))
    add_listed(ports, given);
  else if (!std::getenv(kHttpPorts))
    for (const std::uint16_t port : kUsualSdkPorts) add_port(ports, port);
  return ports;
}

std::vector<kit::ServerUrl> on_this_machine(const std::vector<std::uint16_t>& ports) {
  std::vector<kit::ServerUrl> urls;
  for (const std::uint16_t port : ports) urls.push_back({.host = "127.0.0.1", .port = port});
  return urls;
}

bool is_this_machine(const kit::ServerUrl& url) {
  return url.host == "localhost" || url.host == "::1" || url.host.starts_with("127.");
}

std::string Probe::outcome() const {
  const std::string where = client->url_text();
  if (greeting) return where + " (" + greeting->answer + ")";
  const std::string_view reason = greeting.error().detail["reason"].as_string();
  if (reason == "silent") return where + " (it does not answer in time)";
  const std::string& message = greeting.error().message;
  const std::size_t cause = message.rfind('(');
  return where + " " + (cause == std::string::npos ? "(" + message + ")" : message.substr(cause));
}

std::vector<Probe> probe_all(const std::vector<kit::ServerUrl>& urls, const kit::ServerAccess& access,
                             Host& host, Cancellation& cancellation, std::chrono::seconds limit) {
  std::vector<Probe> probes;
  for (const kit::ServerUrl& url : urls)
    probes.push_back({std::make_shared<kit::HttpClient>(url, access, host)});
  const kit::CallScope scope{cancellation, kit::CallScope::Clock::now() + limit};
  const auto run = [&](Probe& probe) { probe.greeting = greet(*probe.client, scope); };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < probes.size(); ++i) {
    try {
      threads.emplace_back(run, std::ref(probes[i]));
    } catch (const std::system_error&) {
      run(probes[i]);  // no thread can be started: probe sequentially
    }
  }
  if (!probes.empty()) run(probes.front());
  for (std::thread& thread : threads) thread.join();
  return probes;
}

std::string outcomes_of(const std::vector<Probe>& probes) {
  return probes.empty() ? "no port" : base::listed(base::texts_of(probes, &Probe::outcome));
}

}  // namespace tachikoma::lmstudio
