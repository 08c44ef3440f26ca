// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "http/json_value.hpp"
#include "world/loaded_models.hpp"

namespace lmstudio_sim {

/// An error as it is sent. LM Studio has several formats of error bodies; the functions below are named after
/// the error, and choose the format that LM Studio uses for it.
struct WireError {
  int status = 400;
  JsonValue body;
};

/// {"error":"text"}: validation and engine failures on /v1.
WireError plain_error(int status, std::string_view message);
/// {"error":{message,type,param,code}}: a wrong model name on /v1.
WireError model_error(std::string_view message);
/// No model can answer a request; the format depends on the server's version.
WireError not_served(const NotServed& problem, std::string_view version);
WireError draft_model_error(std::string_view name);
/// The same format without a code, for a scripted status such as 429 or 500.
WireError status_error(int status);
/// {"error":{type,message,code,param}} of /api/v1; an empty code or param is left out.
WireError native_error(int status, std::string_view type, std::string_view code, std::string_view param,
                       std::string_view message);
/// Converts an error of another route to that format.
WireError native_form(const WireError& error, int status);
/// The server refuses a token: the same format on every route.
WireError token_error(std::string_view message);

}  // namespace lmstudio_sim
