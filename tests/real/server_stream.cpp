// SPDX-License-Identifier: MIT
#include "real/server_stream.hpp"

#include <string_view>

#include "base/json.hpp"
#include "base/utf8.hpp"

namespace tachikoma::testing {

std::string ServerStream::text() const {
  std::string all;
  for (const std::string& delta : deltas) all += delta;
  return all;
}

ServerStream read_stream(const HttpReply& reply) {
  constexpr std::string_view kData = "data: ";
  ServerStream stream;
  std::string_view rest = reply.body;
  for (std::size_t end; (end = rest.find('\n')) != std::string_view::npos; rest.remove_prefix(end + 1)) {
    std::string_view line = rest.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with(kData)) continue;
    line.remove_prefix(kData.size());
    if (line == "[DONE]") {
      stream.done = true;
      continue;
    }
    const Value chunk = base::parse_json(base::repair_utf8(line)).value();
    if (chunk["usage"].is_object()) stream.usage = chunk["usage"];
    for (const Value& choice : chunk["choices"].elements()) {
      const std::string_view content = choice["delta"]["content"].as_string();
      if (!content.empty()) stream.deltas.emplace_back(content);
      if (choice["finish_reason"].is_string()) stream.finish = choice["finish_reason"].as_string();
    }
  }
  return stream;
}

std::vector<ServerStream> streams_of(const std::vector<HttpReply>& replies) {
  std::vector<ServerStream> streams;
  for (const HttpReply& reply : replies)
    if (reply.head.find("text/event-stream") != std::string::npos) streams.push_back(read_stream(reply));
  return streams;
}

std::vector<std::string> requested_models(const std::string& requests) {
  std::vector<std::string> models;
  for (std::size_t at = 0; (at = requests.find("POST ", at)) != std::string::npos; ++at) {
    const std::size_t key = requests.find("\"model\"", at);
    const std::size_t open = requests.find('"', requests.find(':', key));
    models.push_back(requests.substr(open + 1, requests.find('"', open + 1) - open - 1));
  }
  return models;
}

}  // namespace tachikoma::testing
