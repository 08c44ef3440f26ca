// SPDX-License-Identifier: MIT
#include "common/provider/server_settings.hpp"

#include <algorithm>
#include <string_view>

#include "base/ascii.hpp"
#include "base/try.hpp"

namespace tachikoma::kit {
namespace {

Error invalid(std::string message, std::string hint = {}) {
  return Error(ErrorCode::config_invalid, std::move(message), std::move(hint));
}

Status read_text(const Value& settings, std::string_view key, std::string& out) {
  const Value* value = settings.find(key);
  if (!value || value->is_null()) return Done{};
  if (!value->is_string()) return invalid("'" + std::string(key) + "' is not text");
  out = value->as_string();
  return Done{};
}

// `setting` is where it stands.
Status check_header_name(const std::string& name, const std::string& setting) {
  const auto allowed = [](char c) {
    return c > 0x20 && c < 0x7f && std::string_view("\"(),/:;<=>?@[\\]{}").find(c) == std::string_view::npos;
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), allowed))
    return invalid("'" + setting + "' has the name '" + name + "', which is not a valid header name");
  for (std::string_view ours : {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Content-Type"})
    if (base::same_ignoring_case(name, ours))
      return invalid("header '" + name + "' can't be set: it is part of the protocol",
                     "remove it from '" + setting + "'");
  return Done{};
}

Status read_header(const Member& member, ServerAccess& out) {
  const std::string& name = member.key;
  TACHIKOMA_TRY_STATUS(check_header_name(name, "headers"));
  if (base::same_ignoring_case(name, "Authorization") && !out.api_key.empty())
    return invalid("header '" + name + "' and 'api_key' are both given", "keep one of them");
  if (!member.value.is_string()) return invalid("header '" + name + "' is not text");
  if (!fits_in_header(member.value.as_string()))
    return invalid("header '" + name + "' holds a line break or another control character");
  out.headers.emplace_back(name, member.value.as_string());
  return Done{};
}

Status read_model_header(const Value& settings, ServerAccess& out) {
  constexpr char kSetting[] = "model_header";
  TACHIKOMA_TRY_STATUS(read_text(settings, kSetting, out.model_header));
  if (out.model_header.empty()) return Done{};
  TACHIKOMA_TRY_STATUS(check_header_name(out.model_header, kSetting));
  for (const auto& [name, value] : out.headers)
    if (base::same_ignoring_case(name, out.model_header))
      return invalid("header '" + name + "' of 'headers' is also the '" + kSetting + "'", "keep one of them");
  return Done{};
}

Status read_tls(const Value& tls, TlsSettings& out) {
  if (tls.is_null()) return Done{};
  if (!tls.is_object()) return invalid("'tls' is not an object");
  if (const Value* verify = tls.find("verify")) {
    if (!verify->is_bool()) return invalid("'tls.verify' is neither true nor false");
    out.verify = verify->as_bool();
  }
  return read_text(tls, "ca_file", out.ca_file);
}

}  // namespace

Result<ServerSettings> ServerSettings::read(const Value& settings) {
  ServerSettings out;
  TACHIKOMA_TRY_STATUS(read_text(settings, "base_url", out.base_url));
  ServerAccess& access = out.access;
  TACHIKOMA_TRY_STATUS(read_text(settings, "api_key", access.api_key));
  if (!fits_in_header(access.api_key))
    return invalid("'api_key' holds a line break or another control character");
  const Value& headers = settings["headers"];
  if (!headers.is_null() && !headers.is_object())
    return invalid("'headers' is not an object of names and values");
  for (const Member& header : headers.members()) TACHIKOMA_TRY_STATUS(read_header(header, access));
  TACHIKOMA_TRY_STATUS(read_model_header(settings, access));
  TACHIKOMA_TRY_STATUS(read_tls(settings["tls"], access.tls));
  return out;
}

}  // namespace tachikoma::kit
