// SPDX-License-Identifier: MIT
#include "bench/clients/bodies.hpp"

#include "bench/server/replies.hpp"

namespace tachikoma::bench {

std::string json_string(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + '"';
}

std::string chat_body(const std::vector<std::string>& messages, std::int64_t chunks, bool stream) {
  std::string body = std::string(R"({"model":")") + kModel + R"(","messages":[)";
  for (std::size_t i = 0; i < messages.size(); ++i)
    body += std::string(i == 0 ? "" : ",") + R"({"role":")" + (i % 2 == 0 ? "user" : "assistant") +
            R"(","content":)" + json_string(messages[i]) + "}";
  body += "]";
  if (stream) body += R"(,"stream":true,"stream_options":{"include_usage":true})";
  return body + R"(,"max_tokens":)" + std::to_string(chunks) + "}";
}

std::string embedding_body(const std::vector<std::string>& texts) {
  std::string body = std::string(R"({"model":")") + kModel + R"(","input":[)";
  for (std::size_t i = 0; i < texts.size(); ++i) body += (i == 0 ? "" : ",") + json_string(texts[i]);
  return body + "]}";
}

}  // namespace tachikoma::bench
