// SPDX-License-Identifier: MIT
#include "lmstudio/locator.hpp"

#include <utility>

#include "base/try.hpp"

namespace tachikoma::lmstudio {
namespace {

/// The time limit for a WebSocket to report its server's version.
constexpr std::chrono::seconds kSocketLimit{2};
constexpr char kHint[] =
    "check that LM Studio is running, that its server is started (its Developer tab, or: lms server start), "
    "and that nothing blocks its port; or set base_url";

Error without_effect(std::string_view key, const std::string& why, std::string hint) {
  return Error(ErrorCode::config_invalid, "'" + std::string(key) + "' would have no effect: " + why,
               std::move(hint));
}

kit::CallScope soon(Cancellation& cancellation, std::chrono::seconds limit) {
  return {cancellation, kit::CallScope::Clock::now() + limit};
}

std::string settings_of(const Place& place) {
  std::string names = place.network_interface.empty() ? "" : "host";
  if (place.cors) names += names.empty() ? "cors" : " and cors";
  return names;
}

}  // namespace

Result<Place> Place::read(const Value& settings) {
  Place place;
  const std::string base_url(settings["base_url"].as_string());
  const bool automatic = base_url.empty() || base_url == "auto";
  if (!automatic) {
    TACHIKOMA_TRY(kit::ServerUrl url, kit::parse_server_url(base_url, kit::UrlPath::mount));
    place.url = std::move(url);
  }
  place.start = settings["start_server"].as_bool();
  if (place.start && place.url && !is_this_machine(*place.url))
    return without_effect("start_server", "LM Studio can be started on this machine only",
                          "remove it, or set base_url to this machine");
  if (const Value* port = settings.find("port")) {
    if (!automatic) return without_effect("port", "base_url names one", "remove one of them");
    place.port = static_cast<std::uint16_t>(port->as_integer());
  }
  for (const char* key : {"host", "cors"})
    if (settings.find(key) && !place.start)
      return without_effect(key, "a server that runs keeps its own", "set start_server: true, or remove it");
  place.network_interface = settings["host"].as_string();
  if (place.network_interface == "localhost") place.network_interface = "127.0.0.1";
  if (const Value* cors = settings.find("cors")) place.cors = cors->as_bool();
  return place;
}

Locator::Locator(Place place, kit::ServerAccess access, Host& host)
    : place_(std::move(place)), access_(std::move(access)), host_(host) {
  if (place_.url && !place_.start)
    at_fixed_url_ = std::make_shared<kit::HttpClient>(*place_.url, access_, host_);
}

std::vector<kit::ServerUrl> Locator::candidates() const {
  if (place_.url) return {*place_.url};
  return on_this_machine(http_ports(place_.port));
}

std::shared_ptr<kit::HttpClient> Locator::cached_http() const {
  const std::lock_guard lock(mutex_);
  return http_;
}

std::shared_ptr<kit::HttpClient> Locator::keep(std::shared_ptr<kit::HttpClient> client) {
  const std::lock_guard lock(mutex_);
  if (!http_) http_ = std::move(client);
  return http_;
}

Result<std::shared_ptr<kit::HttpClient>> Locator::http(const kit::CallScope& scope) {
  if (auto known = cached_http()) return known;
  if (at_fixed_url_) {
    TACHIKOMA_TRY_STATUS(check_is_lmstudio(*at_fixed_url_, scope));
    return keep(at_fixed_url_);
  }
  std::unique_lock<std::mutex> one_starts;
  if (place_.start) {
    one_starts = std::unique_lock(starting_);
    if (auto known = cached_http()) return known;
  }
  std::vector<Probe> probes;
  Result<std::shared_ptr<kit::HttpClient>> found = find_http(probes, scope.cancellation);
  if (found || !place_.start || found.error().code != ErrorCode::unreachable) return found;
  if (probes.empty() || probes.front().greeting) return found;  // another program uses the port
  return start_http(probes.front().client->url(), scope.cancellation);
}

void Locator::forget() {
  const std::lock_guard lock(mutex_);
  sdk_ = nullptr;
  http_ = nullptr;  // another program may be there next time
}

Result<std::shared_ptr<kit::HttpClient>> Locator::find_http(std::vector<Probe>& probes,
                                                            Cancellation& cancellation) {
  probes = probe_all(candidates(), access_, host_, cancellation);
  if (cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
  for (const Probe& probe : probes) {
    if (!probe.found()) continue;
    host_.log(Severity::info, "LM Studio found at " + probe.client->url_text());
    warn_of_fixed_settings(probe.client->url());
    return keep(probe.client);
  }
  return Error(ErrorCode::unreachable, "no LM Studio answers on this machine; tried " + outcomes_of(probes),
               kHint);
}

void Locator::warn_of_fixed_settings(const kit::ServerUrl& url) {
  const std::string fixed = settings_of(place_);
  const std::lock_guard lock(mutex_);
  if (started_ || fixed.empty() || std::exchange(told_of_fixed_settings_, true)) return;
  host_.log(Severity::warning,
            "the server at " + url.text() + " was running already: " + fixed + " can't be changed from here");
}

Result<std::shared_ptr<kit::HttpClient>> Locator::start_http(const kit::ServerUrl& url,
                                                             Cancellation& cancellation) {
  TACHIKOMA_TRY_STATUS(start_server(url.port, cancellation));
  auto client = std::make_shared<kit::HttpClient>(url, access_, host_);
  TACHIKOMA_TRY(const Greeting greeting, greet(*client, soon(cancellation, kSocketLimit)));
  if (!greeting.is_lmstudio)
    return Error(ErrorCode::protocol, url.text() + " is not LM Studio: " + greeting.answer, kHint);
  host_.log(Severity::info, "LM Studio's server was started at " + url.text());
  {
    const std::lock_guard lock(mutex_);
    started_ = true;
  }
  return keep(std::move(client));
}

Status Locator::start_server(std::uint16_t port, Cancellation& cancellation) {
  TACHIKOMA_TRY(const std::shared_ptr<SdkClient> sdk, sdk_at_own_port(cancellation));
  Value parameter = Value::object({{"port", std::int64_t{port}}});
  if (place_.cors) parameter.set("cors", *place_.cors);
  if (!place_.network_interface.empty()) parameter.set("networkInterface", place_.network_interface);
  const Result<Value> started =
      sdk->call(Namespace::system, "startHttpServer", parameter, soon(cancellation, kSocketLimit * 5));
  if (started) return Done{};
  Error error = started.error();
  error.message =
      "LM Studio's server could not be started on port " + std::to_string(port) + ": " + error.message;
  error.hint =
      "start it in LM Studio's Developer tab, or with: lms server start --port " + std::to_string(port);
  return error;
}

Result<std::shared_ptr<SdkClient>> Locator::sdk(Cancellation& cancellation) {
  {
    const std::lock_guard lock(mutex_);
    if (sdk_) return sdk_;
  }
  TACHIKOMA_TRY(std::shared_ptr<SdkClient> found, look_for_sdk(cancellation));
  const std::lock_guard lock(mutex_);
  if (!sdk_) sdk_ = std::move(found);
  return sdk_;
}

Result<std::shared_ptr<SdkClient>> Locator::look_for_sdk(Cancellation& cancellation) {
  Error why;
  std::vector<Probe> probes;
  // nothing is started for it
  const auto server = place_.start && !cached_http() ? find_http(probes, cancellation) : http({cancellation});
  if (server) {
    auto client = std::make_shared<SdkClient>((*server)->url(), access_, host_);
    const Result<Value> version =
        client->call(Namespace::system, "version", {}, soon(cancellation, kSocketLimit));
    if (version) return client;
    why = version.error();
  } else {
    why = server.error();
  }
  if (cancellation.requested() || why.code == ErrorCode::unauthenticated || !local()) return why;
  Result<std::shared_ptr<SdkClient>> own = sdk_at_own_port(cancellation);
  return own ? std::move(own) : why;
}

Result<std::shared_ptr<SdkClient>> Locator::sdk_at_own_port(Cancellation& cancellation) {
  const std::vector<Probe> probes = probe_all(on_this_machine(sdk_ports()), access_, host_, cancellation);
  if (cancellation.requested()) return Error(ErrorCode::cancelled, "cancelled");
  for (const Probe& probe : probes)
    if (probe.found()) return std::make_shared<SdkClient>(probe.client->url(), access_, host_);
  return Error(
      ErrorCode::unreachable,
      "LM Studio is not running on this machine: none of its own ports answers; tried " + outcomes_of(probes),
      "start LM Studio, or: lms daemon up");
}

}  // namespace tachikoma::lmstudio
