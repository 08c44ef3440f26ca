// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::kit {

/// Facts about the failed request, for error messages. Every request has them, and hardly any needs them:
/// they are views.
struct RequestFacts {
  std::string_view base_url;     ///< as the user wrote it, without secrets
  std::string_view model = {};   ///< the requested model; empty if the request names none
  std::string_view server = {};  ///< "LM Studio", or empty: "the server"
};

/// A server's failure report, from any of the formats that servers use.
struct ServerFault {
  std::string message;
  std::string code;  ///< `code` and `type` in lower case, separated by a space
};

/// The fault in a reply: OpenAI's `{"error":{"message",…}}`, which most servers have; LM Studio's
/// `{"error":"text"}`; Anthropic's `{"type":"error","error":{…}}`; `{"message":"text"}` or
/// `{"detail":"text"}`, as web frameworks write it. Nullopt if the reply has none.
std::optional<ServerFault> find_fault(const Value& reply);

/// The error for a failing reply, chosen by status, code and the server's own words.
/// `retry_after` is the header's value. Status 200 means a fault inside a stream or a reply.
Error error_from_fault(const ServerFault& fault, int status, std::string_view retry_after,
                       const RequestFacts& facts);

/// As above, from a whole body that may be JSON, HTML or text.
Error error_from_reply(std::string_view body, int status, std::string_view retry_after,
                       const RequestFacts& facts);

/// The error for a reply from another model.
Error model_mismatch(std::string_view served, const RequestFacts& facts);

}  // namespace tachikoma::kit
