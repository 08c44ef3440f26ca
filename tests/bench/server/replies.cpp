// SPDX-License-Identifier: MIT
#include "bench/server/replies.hpp"

#include <array>
#include <cstdio>

namespace tachikoma::bench {
namespace {

constexpr std::int64_t kDistinct = 64;

struct Content {
  std::string_view json;  ///< as it stands in the chunk
  std::int64_t bytes;     ///< once decoded
};
// plain words, escapes and UTF-8, as a model mixes them
constexpr std::array<Content, 8> kContents = {{{" quantum", 8},
                                               {" the", 4},
                                               {".\\n\\n", 3},
                                               {" \\\"state\\\"", 8},
                                               {" größer", 9},
                                               {" 🙂", 5},
                                               {" superposition", 14},
                                               {",", 1}}};

constexpr std::string_view kAnswer =
    "Quantum computing uses the rules of quantum mechanics to work on many possibilities at a time. A "
    "classical "
    "bit is 0 or 1; a qubit can be in a superposition of both. Entangled qubits share one state, and "
    "interference lets the right answers add up while the wrong ones cancel.";

const Content& content_of(std::int64_t index) {
  return kContents[static_cast<std::size_t>(index) % kContents.size()];
}

// a number behind the words tells the distinct ones apart
std::string number_of(std::int64_t index) { return std::to_string(index % kDistinct); }

std::string http_chunk(const std::string& payload) {
  std::array<char, 24> size;
  std::snprintf(size.data(), size.size(), "%zx\r\n", payload.size());
  return size.data() + payload + "\r\n";
}

std::string event(Style style, std::int64_t index, const std::string& choices, const std::string& rest = "") {
  const std::int64_t change = style == Style::changing ? index + 1 : 0;
  std::array<char, 128> begin;
  std::snprintf(begin.data(), begin.size(),
                R"(data: {"id":"chatcmpl-x7kq2m9v4t%012llx","object":"chat.completion.chunk","created":%lld)",
                static_cast<unsigned long long>(change) * 0x9e3779b97 & 0xffffffffffff,
                static_cast<long long>(1763800000 + change));
  return http_chunk(std::string(begin.data()) + R"(,"model":")" + kModel + R"(","system_fingerprint":")" +
                    kModel + R"(","choices":)" + choices + rest + "}\n\n");
}

std::string with_length(std::string_view status, const std::string& json) {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: " +
         std::to_string(json.size()) + "\r\nConnection: keep-alive\r\n\r\n" + json;
}

}  // namespace

std::string_view stream_head() {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
         "Connection: keep-alive\r\n\r\n";
}

std::string content_event(Style style, std::int64_t index) {
  return event(style, index,
               R"([{"index":0,"delta":{"role":"assistant","content":")" +
                   std::string(content_of(index).json) + number_of(index) +
                   R"("},"logprobs":null,"finish_reason":null}])");
}

std::string stream_tail() {
  return event(Style::repeating, 0, R"([{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}])") +
         event(Style::repeating, 0, "[]",
               R"(,"usage":{"prompt_tokens":7,"completion_tokens":42,"total_tokens":49})") +
         http_chunk("data: [DONE]\n\n") + "0\r\n\r\n";
}

std::string_view batch(Style style) {
  const auto render = [](Style of) {
    std::string all;
    for (std::int64_t i = 0; i < kBatch; ++i) all += content_event(of, i);
    return all;
  };
  static const std::string repeating = render(Style::repeating);
  static const std::string changing = render(Style::changing);
  return style == Style::repeating ? repeating : changing;
}

std::string model_list(std::int64_t models) {
  std::string data;
  for (std::int64_t i = 0; i < models; ++i)
    data += std::string(i == 0 ? "" : ",") + R"({"id":")" +
            (i == 0 ? kModel : "vendor/model-" + std::to_string(i)) +
            R"(","object":"model","owned_by":"organization_owner"})";
  return with_length("200 OK", R"({"object":"list","data":[)" + data + "]}");
}

std::string_view completion() {
  static const std::string response = with_length(
      "200 OK",
      std::string(
          R"({"id":"chatcmpl-x7kq2m9v4tq8r1s6u3w5y0","object":"chat.completion","created":1763800000,"model":")") +
          kModel + R"(","choices":[{"index":0,"message":{"role":"assistant","content":")" +
          std::string(kAnswer) +
          R"(","tool_calls":[]},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":17,)" +
          R"("completion_tokens":62,"total_tokens":79},"stats":{},"system_fingerprint":")" + kModel +
          R"("})");
  return response;
}

std::int64_t completion_bytes() { return static_cast<std::int64_t>(kAnswer.size()); }

std::string_view embeddings() {
  static const std::string response = [] {
    std::string data;
    for (std::int64_t text = 0; text < kEmbeddedTexts; ++text) {
      data += std::string(text == 0 ? "" : ",") + R"({"object":"embedding","index":)" + std::to_string(text) +
              R"(,"embedding":[)";
      for (std::int64_t i = 0; i < kEmbeddingSize; ++i) {
        std::array<char, 32> number;
        std::snprintf(number.data(), number.size(), "%s%.17g", i == 0 ? "" : ",",
                      static_cast<double>((text * 7919 + i * 104729) % 20011 - 10005) / 20011.0);
        data += number.data();
      }
      data += "]}";
    }
    return with_length("200 OK", R"({"object":"list","data":[)" + data + R"(],"model":")" + kModel +
                                     R"(","usage":{"prompt_tokens":128,"total_tokens":128}})");
  }();
  return response;
}

std::string_view tool_call() {
  static const std::string response = [] {
    const auto delta = [](std::string_view tool_call) {
      return event(Style::repeating, 0,
                   R"([{"index":0,"delta":{"role":"assistant","tool_calls":[{"index":0,)" +
                       std::string(tool_call) + R"(}]},"logprobs":null,"finish_reason":null}])");
    };
    return std::string(stream_head()) +
           delta(R"("id":"365174485","type":"function","function":{"name":"weather","arguments":""})") +
           delta(R"("function":{"arguments":"{\"place\":"})") +
           delta(R"("function":{"arguments":"\"Paris\"}"})") +
           event(Style::repeating, 0,
                 R"([{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}])") +
           http_chunk("data: [DONE]\n\n") + "0\r\n\r\n";
  }();
  return response;
}

std::string_view not_found() {
  static const std::string response = with_length("404 Not Found", R"({"error":"there is nothing here"})");
  return response;
}

Tally stream_tally(std::int64_t chunks) {
  Tally tally{1, chunks, 0};
  for (std::int64_t i = 0; i < chunks; ++i)
    tally.bytes += content_of(i).bytes + static_cast<std::int64_t>(number_of(i).size());
  return tally;
}

}  // namespace tachikoma::bench
