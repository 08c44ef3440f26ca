// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tachikoma/plugin/error.hpp"
#include "tachikoma/plugin/value.hpp"

namespace tachikoma::kit {

/// What an error message says about the request that failed.
struct RequestFacts {
  std::string base_url;         ///< as the user wrote it, without secrets
  std::string model = {};       ///< the model asked for; empty when the request names none
  std::string start_hint = {};  ///< how to start the server; empty when nobody knows
  std::string server = {};      ///< "LM Studio", or empty: "the server"
};

/// What a server said about its failure, in any of the shapes that servers use.
struct ServerFault {
  std::string message;
  std::string code;  ///< `code` and `type` in lower case, separated by a space
};

/// The fault in a reply: OpenAI's `{"error":{"message",…}}`, which most servers have; LM Studio's
/// `{"error":"text"}`; Anthropic's `{"type":"error","error":{…}}`; `{"message":"text"}` or
/// `{"detail":"text"}`, as web frameworks write it. Nothing when the reply holds none.
std::optional<ServerFault> find_fault(const Value& reply);

/// The error that a failing reply stands for, chosen by status, code and the server's own words.
/// `retry_after` is the header's value. Status 200 stands for a fault inside a stream or a reply.
Error error_from_fault(const ServerFault& fault, int status, std::string_view retry_after,
                       const RequestFacts& facts);

/// As above, from a whole body that may be JSON, HTML or text.
Error error_from_reply(std::string_view body, int status, std::string_view retry_after,
                       const RequestFacts& facts);

/// The error that a reply of another model is.
Error model_mismatch(std::string_view served, const RequestFacts& facts);

}  // namespace tachikoma::kit
