// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace tachikoma::kit {

/// A member of a reply in which servers tell what failed.
struct FaultMember {
  enum class Says : std::uint8_t {
    error,     ///< an error, whatever else is there
    sentence,  ///< an error where there is no answer
    remark,    ///< an error where there is no answer and the reply is marked as one
  };
  std::string_view name;
  Says says;
};

inline constexpr std::array<FaultMember, 14> kFaultMembers = {{
    {"error", FaultMember::Says::error},              // OpenAI and nearly every other server
    {"error_message", FaultMember::Says::error},      // Azure API Management, LiteLLM
    {"error_msg", FaultMember::Says::error},          // Baidu Qianfan
    {"errorMessage", FaultMember::Says::error},       // AWS Lambda
    {"error_description", FaultMember::Says::error},  // OAuth 2.0 (RFC 6749)
    {"errmsg", FaultMember::Says::error},             // gateways in the manner of WeChat's
    {"err_msg", FaultMember::Says::error},            // the same
    {"errors", FaultMember::Says::error},             // Cloudflare Workers AI, JSON:API
    {"exception", FaultMember::Says::error},          // Spring, Flask in debug mode
    {"message", FaultMember::Says::sentence},         // vLLM and FastChat, web frameworks
    {"detail", FaultMember::Says::sentence},          // FastAPI
    {"details", FaultMember::Says::remark},           // Google's APIs
    {"title", FaultMember::Says::remark},             // RFC 9457
    {"msg", FaultMember::Says::remark},               // Zhipu, SiliconFlow
}};

inline const FaultMember* fault_member(std::string_view name) {
  const auto* found = std::find_if(kFaultMembers.begin(), kFaultMembers.end(),
                                   [&](const FaultMember& each) { return each.name == name; });
  return found == kFaultMembers.end() ? nullptr : found;
}

}  // namespace tachikoma::kit
