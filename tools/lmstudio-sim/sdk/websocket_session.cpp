// SPDX-License-Identifier: MIT
#include "sdk/websocket_session.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <map>
#include <memory>
#include <vector>

#include <Poco/Net/NetException.h>

#include "http/json_value.hpp"
#include "sdk/endpoint.hpp"
#include "sdk/open_channel.hpp"

namespace lmstudio_sim {

using Clock = std::chrono::steady_clock;

namespace {

constexpr int kMaxWarnings = 5;
constexpr std::array<std::string_view, 8> kSpaces{"llm",   "embedding",  "system",  "diagnostics",
                                                  "files", "repository", "plugins", "runtime"};

const SdkEndpoint* find_endpoint(std::string_view space, std::string_view name) {
  for (const auto& table :
       {system_endpoints(), model_endpoints(), prediction_endpoints(), report_endpoints()})
    for (const SdkEndpoint& each : table)
      if (each.space == space && each.name == name) return &each;
  return nullptr;
}

// The model that a parameter names, in whichever member.
std::string model_of(const LoadedModels& models, const JsonValue& parameter) {
  for (const char* key : {"modelKey", "identifier"})
    if (parameter[key].is_string()) return std::string(parameter[key].as_string());
  for (const char* key : {"specifier", "modelSpecifier"}) {
    const JsonValue& specifier = parameter[key];
    if (const JsonValue& name = specifier["query"]["identifier"]; name.is_string())
      return std::string(name.as_string());
    if (const auto instance = models.find(specifier["instanceReference"].as_string())) return instance->id;
  }
  return {};
}

// The last user text of a prediction.
std::string text_of(const JsonValue& parameter) {
  std::string text;
  for (const JsonValue& message : parameter["history"]["messages"].elements()) {
    if (message["role"].as_string() != "user") continue;
    text.clear();
    for (const JsonValue& part : message["content"].elements()) text += part["text"].as_string();
  }
  return text;
}

// The socket of one client.
class Connection {
 public:
  Connection(SimulatorState& simulator, std::string_view space, const Poco::Net::WebSocket& socket,
             Journal::Id id)
      : simulator_(simulator), space_(space), wire_(socket), id_(id) {}
  void serve();

 private:
  bool authenticate();
  void take(const JsonValue& frame);
  void call(const JsonValue& frame);
  std::optional<JsonValue> faulty_reply(const Fault& fault);
  std::optional<JsonValue> run_rpc(const SdkEndpoint& endpoint, const JsonValue& parameter, Journal::Id id);
  void open(const JsonValue& frame);
  void run(OpenChannel& channel, const SdkEndpoint& endpoint);
  void deliver(const JsonValue& frame);
  void warn(std::string_view kind, const std::string& text);
  std::string route_of(const std::string& endpoint) const {
    return "/" + std::string(space_) + "/" + endpoint;
  }
  std::optional<Fault> next_fault(const std::string& route, const JsonValue& parameter);
  void retire(const OpenChannel& channel);
  void join_ended();
  void end_all();

  using Channels = std::vector<std::unique_ptr<OpenChannel>>;
  SimulatorState& simulator_;
  const std::string_view space_;
  SdkWire wire_;
  const Journal::Id id_;
  std::mutex mutex_;
  std::condition_variable none_open_;
  std::map<std::int64_t, std::unique_ptr<OpenChannel>> open_;  // all below mutex_ are guarded by it
  Channels ended_;                                             // their threads are ending
  int warnings_ = 0;
};

void Connection::serve() {
  if (!authenticate()) return;
  while (const std::optional<std::string> text = wire_.receive()) {
    std::string problem;
    if (const auto frame = parse_json(*text, &problem))
      take(*frame);
    else
      warn("unknown", "Received a message that is not JSON: " + problem);
  }
  end_all();
}

// Waits for the authentication packet; other frames are ignored until the time is up.
bool Connection::authenticate() {
  const auto end = Clock::now() + simulator_.script.websocket.auth_timeout;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0 || !wire_.wait(left)) {
      wire_.send(JsonValue::object({{"success", false}, {"error", "Authentication timed out"}}));
      wire_.close();
      return false;
    }
    const std::optional<std::string> text = wire_.receive();
    if (!text) return false;
    const std::optional<JsonValue> packet = parse_json(*text);
    if (!packet || !WebSocketClients::is_packet(*packet)) continue;
    simulator_.journal.note(id_, "client " + std::string((*packet)["clientIdentifier"].as_string()));
    const std::optional<std::string> refusal = simulator_.clients.refuse(*packet);
    if (!refusal) return wire_.send(JsonValue::object({{"success", true}}));
    simulator_.journal.note(id_, "refused: " + *refusal);
    wire_.send(JsonValue::object({{"success", false}, {"error", *refusal}}));
    wire_.close();
    return false;
  }
}

void Connection::take(const JsonValue& frame) {
  const std::string_view type = frame["type"].as_string();
  if (type == "rpcCall") return call(frame);
  if (type == "channelCreate") return open(frame);
  if (type == "channelSend") return deliver(frame);
  if (type == "keepAlive") wire_.send(JsonValue::object({{"type", "keepAliveAck"}}));
  if (type == "communicationWarning")
    simulator_.journal.note(id_, "client warns: " + std::string(frame["warning"].as_string()));
  if (type == "signalSubscribe" || type == "writableSignalSubscribe")
    warn(type == "signalSubscribe" ? "signalEndpointUnknown" : "writableSignalEndpointUnknown",
         "Received " + std::string(type) +
             " for an unknown endpoint, endpoint = " + std::string(frame["endpoint"].as_string()));
}

void Connection::warn(std::string_view kind, const std::string& text) {
  simulator_.journal.note(id_, std::string(kind) + ": " + text);
  const std::lock_guard lock(mutex_);
  if (warnings_++ < kMaxWarnings)
    wire_.send(JsonValue::object({{"type", "communicationWarning"}, {"warning", text}, {"kind", kind}}));
}

std::optional<Fault> Connection::next_fault(const std::string& route, const JsonValue& parameter) {
  const std::string text = text_of(parameter);
  const std::string model = model_of(simulator_.loaded_models, parameter);
  std::optional<Fault> fault = simulator_.responses.next_fault({route, model, text, 0, true});
  const bool of_http = fault && (fault->is_of_bytes() || fault->kind == FaultKind::wrong_model);
  return of_http ? std::nullopt : fault;
}

void Connection::call(const JsonValue& frame) {
  const std::string name(frame["endpoint"].as_string());
  const JsonValue& parameter = frame["parameter"];
  const std::string route = route_of(name);
  const Journal::Id id = simulator_.journal.begin("RPC", route, JsonValue::object(), parameter);
  const SdkEndpoint* endpoint = find_endpoint(space_, name);
  if (!endpoint || !endpoint->rpc) {
    simulator_.journal.end(id, 0, "unknown");
    return warn("rpcEndpointUnknown", "Received rpcCall for unknown endpoint, endpoint = " + name);
  }
  const std::optional<Fault> fault = next_fault(route, parameter);
  std::optional<JsonValue> reply = fault ? faulty_reply(*fault) : run_rpc(*endpoint, parameter, id);
  const bool succeeded = reply && (*reply)["type"].as_string() == "rpcResult";
  simulator_.journal.end(id, !reply ? 0 : succeeded ? 200 : 500, fault ? "fault" : "completed");
  if (!reply) return;
  reply->set("callId", frame["callId"]);
  wire_.send(*reply);
}

// The reply of a fault; nothing when there is none, or the connection was ended.
std::optional<JsonValue> Connection::faulty_reply(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::stall: return std::nullopt;
    case FaultKind::close: wire_.cut(); return std::nullopt;
    case FaultKind::reset: wire_.reset(); return std::nullopt;
    case FaultKind::garbage: wire_.send_text(kGarbageMessage); return std::nullopt;
    default: return JsonValue::object({{"type", "rpcError"}, {"error", error_object(fault)}});
  }
}

std::optional<JsonValue> Connection::run_rpc(const SdkEndpoint& endpoint, const JsonValue& parameter,
                                             Journal::Id id) {
  std::optional<RpcOutcome> outcome = endpoint.rpc({simulator_, space_, parameter, id});
  if (!outcome) {
    warn("rpcParameterTypeError",
         "Received invalid parameter for rpcCall, endpoint = " + std::string(endpoint.name));
    return std::nullopt;
  }
  if (const auto* error = std::get_if<SdkError>(&*outcome))
    return JsonValue::object({{"type", "rpcError"}, {"error", error_object(*error)}});
  JsonValue reply = JsonValue::object({{"type", "rpcResult"}});
  if (JsonValue& result = std::get<JsonValue>(*outcome); !result.is_null())
    reply.set("result", std::move(result));
  return reply;
}

void Connection::open(const JsonValue& frame) {
  join_ended();
  const std::string name(frame["endpoint"].as_string());
  const std::int64_t channel_id = frame["channelId"].as_integer(-1);
  const JsonValue& parameter = frame["creationParameter"];
  const std::string route = route_of(name);
  const Journal::Id id = simulator_.journal.begin("CHANNEL", route, JsonValue::object(), parameter);
  const SdkEndpoint* endpoint = find_endpoint(space_, name);
  if (!endpoint || !endpoint->channel) {
    simulator_.journal.end(id, 0, "unknown");
    return warn("channelEndpointUnknown", "Received channelCreate for unknown endpoint, endpoint = " + name);
  }
  auto channel = std::make_unique<OpenChannel>(
      simulator_, wire_, OpenChannel::Start{space_, channel_id, parameter, id, next_fault(route, parameter)});
  std::unique_lock lock(mutex_);
  const auto [entry, added] = open_.try_emplace(channel_id, std::move(channel));
  if (added) {
    entry->second->thread =
        std::thread([this, endpoint, &opened = *entry->second] { run(opened, *endpoint); });
    return;
  }
  lock.unlock();
  simulator_.journal.end(id, 0, "unknown");
  warn("channelAlreadyOpen",
       "Received channelCreate for already open channel, channelId = " + std::to_string(channel_id));
}

// Runs on a thread of its own.
void Connection::run(OpenChannel& channel, const SdkEndpoint& endpoint) {
  const bool fits = channel.serve(endpoint.channel);
  if (!fits) {
    simulator_.journal.end(channel.id(), 0, "unknown");
    warn("channelCreationParameterTypeError",
         "Received invalid creation parameter for channel, endpoint = " + std::string(endpoint.name));
  }
  retire(channel);  // before the client sees the end and can reuse the number
  if (fits) channel.finish();
}

void Connection::retire(const OpenChannel& channel) {
  const std::lock_guard lock(mutex_);
  const auto entry =
      std::ranges::find_if(open_, [&](const auto& each) { return each.second.get() == &channel; });
  ended_.push_back(std::move(entry->second));
  open_.erase(entry);
  if (open_.empty()) none_open_.notify_all();
}

void Connection::deliver(const JsonValue& frame) {
  const std::int64_t channel_id = frame["channelId"].as_integer(-1);
  const std::string type(frame["message"]["type"].as_string());
  std::string_view complaint;
  {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(channel_id);
    if (found == open_.end())
      complaint = "channelUnknown";
    else if (type == "cancel" || type == "stop")
      found->second->stop();
    else
      complaint = "channelMessageTypeError";
  }
  if (!complaint.empty())
    return warn(complaint, "Received channelSend, channelId = " + std::to_string(channel_id) +
                               ", message type = \"" + type + "\"");
  if (const JsonValue* ack = frame.find("ackId"))
    wire_.send(JsonValue::object({{"type", "channelAck"}, {"channelId", channel_id}, {"ackId", *ack}}));
}

void Connection::join_ended() {
  Channels ended;
  {
    const std::lock_guard lock(mutex_);
    ended.swap(ended_);
  }
  for (const auto& channel : ended) channel->thread.join();
}

void Connection::end_all() {
  {
    std::unique_lock lock(mutex_);
    for (const auto& [id, channel] : open_) channel->abandon();
    none_open_.wait(lock, [this] { return open_.empty(); });
  }
  join_ended();
}

}  // namespace

void serve_websocket(SimulatorState& simulator, Exchange& exchange, Journal::Id id) {
  const auto refuse = [&](int status, const std::string& text) {
    exchange.send_json(status, JsonValue::object({{"error", text}}));
  };
  const Upgrade upgrade = simulator.script.websocket.upgrade;
  if (upgrade == Upgrade::refused) return refuse(403, "Forbidden");
  if (upgrade == Upgrade::unanswered) return exchange.wire().wait_for_end();
  const auto space = std::ranges::find(kSpaces, std::string_view(exchange.path()).substr(1));
  if (space == kSpaces.end()) return refuse(401, "Unauthorized");
  try {
    Connection(simulator, *space, exchange.accept_websocket(), id).serve();
  } catch (const Poco::Net::WebSocketException& error) {  // an invalid handshake
    refuse(400, error.displayText());
  }
}

}  // namespace lmstudio_sim
