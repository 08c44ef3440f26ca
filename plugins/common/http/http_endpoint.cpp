// SPDX-License-Identifier: MIT
#include "common/http/http_endpoint.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/ascii.hpp"
#include "base/excerpt.hpp"
#include "base/try.hpp"
#include "common/http/redirect.hpp"
#include "common/net/poco_library.hpp"
#include "tachikoma/version.hpp"

namespace tachikoma::kit {

HttpEndpoint::HttpEndpoint(ServerUrl url, const ServerAccess& access, Host& host)
    : url_(std::move(url)),
      url_text_(url_.text()),
      host_(host),
      model_header_(access.model_header),
      resolver_(host) {
  const auto given = [&](std::string_view name) {
    return std::any_of(access.headers.begin(), access.headers.end(),
                       [&](const auto& header) { return base::same_ignoring_case(header.first, name); });
  };
  common_headers_ = "Host: " + url_.authority() + "\r\n";
  if (!given("User-Agent")) common_headers_ += std::string("User-Agent: tachikoma/") + kVersion + "\r\n";
  if (!given("Accept-Encoding")) common_headers_ += "Accept-Encoding: identity\r\n";
  for (const auto& [name, value] : access.headers) common_headers_ += field(name, value);
  if (!access.api_key.empty()) authorization_ = field("Authorization", "Bearer " + access.api_key);
}

std::string HttpEndpoint::field(const std::string& name, const std::string& value) {
  if (fits_in_header(name) && fits_in_header(value)) return name + ": " + value + "\r\n";
  host_.log(Severity::error, "the header '" + base::excerpt(name) +
                                 "' is not sent: it holds a line break or another control character");
  return {};
}

std::string HttpEndpoint::write_head(const HttpRequest& request) const {
  std::string head;
  head.reserve(common_headers_.size() + authorization_.size() + request.path.size() + 256);
  head.append(request.method).append(" ");
  append_request_target(head, url_.prefix);
  append_request_target(head, request.path);
  head.append(request.end_of_path).append(" HTTP/1.1\r\n");
  head += common_headers_;
  if (request.with_key) head += authorization_;
  if (!model_header_.empty() && !request.model.empty() && fits_in_header(request.model))
    head.append(model_header_).append(": ").append(request.model).append("\r\n");
  head.append("Accept: ").append(request.accept).append("\r\n");
  if (request.method != "GET") {
    head += "Content-Type: application/json\r\nContent-Length: ";
    head += std::to_string(request.body.size());
    head += "\r\n";
  }
  head += "\r\n";
  return head;
}

Result<std::string> HttpEndpoint::redirect_target(int status, std::string_view location) const {
  TACHIKOMA_TRY(void* const resolve, poco_symbol("tachikoma_resolve_redirect"));
  const std::optional<RedirectTarget> target =
      reinterpret_cast<ResolveRedirect*>(resolve)(url_text_ + "/", std::string(location));
  const bool same_server = target && target->scheme == (url_.tls ? "https" : "http") &&
                           base::same_ignoring_case(target->host, url_.host) && target->port == url_.port;
  if (same_server && (status == 307 || status == 308)) return target->path_and_query;
  const std::string shown =  // what follows the path may be a secret
      target ? target->shown : base::excerpt(location.substr(0, location.find_first_of("?#")));
  return Error(ErrorCode::protocol,
               "the server at " + url_text_ + " redirects to " + base::printable(shown) + " (HTTP status " +
                   std::to_string(status) + ")",
               "if that is your server, set base_url to where its API starts there");
}

std::string HttpEndpoint::readdress(std::string_view head, std::string_view target) {
  const std::size_t path = head.find(' ') + 1;
  return std::string(head.substr(0, path))
      .append(request_target(target))
      .append(head.substr(head.find(' ', path)));
}

Error HttpEndpoint::redirected_too_often() const {
  return Error(ErrorCode::protocol,
               "the server at " + url_text_ + " redirects a request more than " +
                   std::to_string(kMaxRedirects) + " times",
               "check that base_url is where the API starts");
}

Error HttpEndpoint::no_server(Error cause) const {
  if (cause.code == ErrorCode::cancelled) return cause;
  const std::string_view what =
      cause.code == ErrorCode::unreachable ? "no server answers at " : "can't connect to ";
  cause.message = std::string(what) + url_text_ + " (" + cause.message + ")";
  if (cause.hint.empty()) cause.hint = "start the server, or correct base_url";
  return cause;
}

Error HttpEndpoint::lost(std::string_view how, std::string_view reason, std::string_view cause) const {
  std::string message = "the server at " + url_text_ + " " + std::string(how);
  if (!cause.empty()) message.append(" (").append(cause).append(")");
  return Error(ErrorCode::unreachable, std::move(message),
               "look at the server's log: it may have crashed or been stopped", because(reason));
}

Error HttpEndpoint::no_http(std::string_view failure) const {
  return Error(ErrorCode::protocol,
               "the server at " + url_text_ + " is not an HTTP server: " + std::string(failure),
               "check host and port in base_url");
}

void HttpEndpoint::report_resent() {
  const std::size_t count = ++resent_;
  host_.log(Severity::debug, "the server at " + url_text_ +
                                 " closed a kept connection before it answered; the request was sent again "
                                 "on a new one (" +
                                 std::to_string(count) + " so far)");
}

}  // namespace tachikoma::kit
