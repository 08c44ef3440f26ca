// SPDX-License-Identifier: MIT
#include "openai/request_router.hpp"

#include <array>

#include <Poco/URI.h>

#include "http/json_value.hpp"
#include "openai/chat_body.hpp"
#include "openai/routes.hpp"
#include "world/api_tokens.hpp"

namespace lmstudio_sim {

namespace {

// Express's default page for an uncaught error.
constexpr std::string_view kErrorPage =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n"
    "<body>\n<pre>Internal Server Error</pre>\n</body>\n</html>\n";

struct Route {
  std::string_view method, path;
  void (*handle)(Call&);
};
constexpr std::array<Route, 15> kRoutes{{{"GET", "/lmstudio-greeting", greeting},
                                         {"GET", "/lms-status", status},
                                         {"POST", "/v1/chat/completions", chat_completions},
                                         {"POST", "/v1/completions", completions},
                                         {"POST", "/v1/embeddings", embeddings},
                                         {"GET", "/v1/models", openai_models},
                                         {"GET", "/api/v0/models", v0_models},
                                         {"POST", "/api/v0/chat/completions", chat_completions},
                                         {"POST", "/api/v0/completions", completions},
                                         {"POST", "/api/v0/embeddings", embeddings},
                                         {"GET", "/api/v1/models", native_models},
                                         {"POST", "/api/v1/chat", native_chat},
                                         {"POST", "/api/v1/models/load", native_load},
                                         {"POST", "/api/v1/models/unload", native_unload},
                                         {"POST", "/api/v1/models/download", native_download}}};

struct IdRoute {
  std::string_view prefix;
  void (*handle)(Call&, std::string_view id);
};
constexpr std::array<IdRoute, 3> kIdRoutes{{{"/v1/models/", openai_model},
                                            {"/api/v0/models/", v0_model},
                                            {"/api/v1/models/download/status/", native_download_status}}};

bool needs_no_key(std::string_view path) { return path == "/lmstudio-greeting" || path == "/lms-status"; }

Permission permission_for(const Exchange& exchange) {
  const std::string& path = exchange.path();
  if (path.starts_with("/api/v1/models/download")) return Permission::download;
  if (path == "/api/v1/models/load" || path == "/api/v1/models/unload") return Permission::load;
  return exchange.method() == "POST" ? Permission::infer : Permission::list;
}

std::optional<WireError> check_key(const Script& script, const Exchange& exchange) {
  if (!script.require_auth || needs_no_key(exchange.path()) || exchange.wants_websocket())
    return std::nullopt;  // a WebSocket client authenticates in its first frame
  const std::string authorization = exchange.header("Authorization");
  if (!authorization.starts_with("Bearer ")) return token_error(kTokenMissing);
  const std::string token = authorization.substr(7);
  if (const auto refusal = refuse_token(script, token)) return token_error(*refusal);
  if (is_allowed(script, token, permission_for(exchange))) return std::nullopt;
  return native_error(403, "invalid_request", "permission_denied", "",
                      "Permission denied: this LM Studio API token does not allow this request.");
}

std::optional<WireError> check_body(const Call& call) {
  const Exchange& exchange = call.exchange;
  const bool valid = call.body_problem.empty();
  if (exchange.method() != "POST") return std::nullopt;
  if (exchange.body_too_large()) return plain_error(413, "request entity too large");
  if (!exchange.header("Content-Type").starts_with("application/json"))
    return plain_error(415, "Unsupported content type: requests must be 'application/json'");
  if (!valid && exchange.path().starts_with("/api/v1/"))
    return native_error(400, "invalid_request", "invalid_json", "", "The request body is not valid JSON");
  if (!valid) return plain_error(400, "The request body is not valid JSON: " + call.body_problem);
  if (!call.body.is_object()) return plain_error(400, "The request body must be a JSON object");
  return std::nullopt;
}

bool generates(std::string_view path) { return path.ends_with("/completions") || path == "/api/v1/chat"; }

WireError fault_error(const Fault& fault) {
  if (fault.body.is_null()) return status_error(fault.status);
  if (fault.body.is_string()) return plain_error(fault.status, fault.body.as_string());
  return {fault.status, fault.body};
}

// Applies a fault that replaces the answer; false when there is none, or it happens later.
bool apply_at_once(Call& call) {
  if (!call.fault || call.fault->kind == FaultKind::wrong_model || call.fault->after_messages) return false;
  const Fault& fault = *call.fault;
  if (fault.is_of_bytes()) {
    call.exchange.wire().plan(fault.byte_fault());
    return false;
  }
  if (fault.after_tokens && generates(call.exchange.path())) return false;
  call.outcome = "fault";
  switch (fault.kind) {
    case FaultKind::stall:
      call.exchange.wire().wait_for_end();
      call.outcome = "stopped";
      return true;
    case FaultKind::close: call.exchange.wire().close(); return true;
    case FaultKind::reset: call.exchange.wire().reset(); return true;
    case FaultKind::garbage:
      call.exchange.send(200, "application/json; charset=utf-8", "<html><body>\xFF\xFE not JSON {{{");
      return true;
    case FaultKind::html:
      call.exchange.send(fault.status, "text/html; charset=utf-8", kErrorPage);
      return true;
    default: break;
  }
  if (fault.retry_after) call.exchange.add_header("Retry-After", std::to_string(*fault.retry_after));
  call.fail(fault_error(fault));
  return true;
}

void dispatch(const RequestRouter& router, Call& call) {
  const std::string& path = call.exchange.path();
  if (call.exchange.wants_websocket()) return router.upgrade(call.simulator, call.exchange, call.id);
  if (!call.simulator.script.native_api && path.starts_with("/api/v1/"))
    return unexpected_endpoint(call.exchange);
  for (const Route& each : kRoutes)
    if (path == each.path && call.exchange.method() == each.method) return each.handle(call);
  for (const IdRoute& each : kIdRoutes) {
    if (!path.starts_with(each.prefix) || call.exchange.method() != "GET") continue;
    std::string id;
    Poco::URI::decode(path.substr(each.prefix.size()), id);
    return each.handle(call, id);
  }
  unexpected_endpoint(call.exchange);
}

bool is_known_post(const Exchange& exchange) {
  for (const Route& each : kRoutes)
    if (each.method == "POST" && each.path == exchange.path()) return true;
  return false;
}

void serve(const RequestRouter& router, Call& call) {
  if (auto error = check_key(call.simulator.script, call.exchange)) return call.fail(*error);
  call.fault = call.simulator.responses.next_fault(call.facts());
  if (apply_at_once(call)) return;
  if (is_known_post(call.exchange))
    if (auto error = check_body(call)) return call.fail(*error);
  dispatch(router, call);
}

bool is_of_sdk_port(const Exchange& exchange) {
  return exchange.wants_websocket() || needs_no_key(exchange.path());
}

std::string_view outcome_of(const Call& call) {
  const Wire& wire = call.exchange.wire();
  if (wire.fault_happened()) return call.fault->kind == FaultKind::stall ? "stopped" : "fault";
  const bool left = call.outcome == "completed" && !wire.usable();
  return left ? "stopped" : call.outcome;
}

}  // namespace

void RequestRouter::operator()(Exchange& exchange) const {
  if (exchange.path().starts_with("/__sim/")) return control(simulator, exchange);
  Call call{simulator, exchange};
  if (auto body = parse_json(exchange.body(), &call.body_problem)) call.body = std::move(*body);
  call.model = call.body["model"].as_string();
  call.text = request_text(call.body);
  call.id = simulator.journal.begin(exchange.method(), exchange.path(), exchange.headers(), call.body);
  if (simulator.script.websocket.server_log)
    simulator.logs.server("info", "Received request: " + exchange.method() + " to " + exchange.path());
  if (surface == Surface::all || is_of_sdk_port(exchange))
    serve(*this, call);
  else
    unexpected_endpoint(exchange);
  exchange.finish();
  call.use = {};  // what the journal calls over uses no model any more
  simulator.journal.end(call.id, exchange.status(), outcome_of(call));
}

}  // namespace lmstudio_sim
