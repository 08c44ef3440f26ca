// SPDX-License-Identifier: MIT
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "common/chat/chat_reply.hpp"
#include "common/http/http_response.hpp"
#include "common/net/tail_room.hpp"
#include "support/catch.hpp"

#ifndef TACHIKOMA_SANITIZED  // a sanitizer brings its own allocator

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace tachikoma;

namespace {

class CountingSink final : public ChatSink {
 public:
  Flow on_event(const ChatEvent&) override {
    ++events;
    return Flow::proceed;
  }
  std::size_t events = 0;
};

// One server-sent event as an HTTP chunk of its own, as LM Studio sends them.
std::string content_event(const std::string& content) {
  const std::string event =
      R"(data: {"id":"chatcmpl-um3b","object":"chat.completion.chunk","created":1747835957,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":")" +
      content + "\"},\"finish_reason\":null}]}\n\n";
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", event.size());
  return size + event + "\r\n";
}

}  // namespace

TEST_CASE("a streamed chunk costs no heap allocation once the stream runs", "[streams]") {
  std::string body;
  for (int i = 0; i < 500; ++i) {
    body += content_event(" token");
    body += content_event("line\\n\\\"x\\\" ü");  // escapes
    body += content_event("Grüße 🙂");
    body += content_event("a<b [c");  // what may become markup, and does not
  }
  body.reserve(body.size() + kit::kTailRoom);
  CountingSink sink;
  ChatRequest request;
  if (GENERATE(false, true)) request.tools = {{.name = "add"}};
  const kit::ChatFacts facts{.request = {.base_url = "http://host:1"}, .chat = &request};
  kit::HttpResponseParser parser;
  kit::ChatReply reply(sink, facts);
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  kit::pump(parser, reply, head);
  const auto feed_all = [&] {  // in pieces that cut events anywhere
    for (std::size_t at = 0; at < body.size(); at += 1000)
      kit::pump(parser, reply, std::string_view(body).substr(at, 1000));
  };
  feed_all();
  const std::size_t before = allocations;
  feed_all();
  CHECK(allocations == before);
  CHECK(sink.events >= 4000);
}

#endif
