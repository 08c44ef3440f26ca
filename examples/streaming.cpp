// SPDX-License-Identifier: MIT
// Streams an answer with its reasoning, by settings of its own.
//   usage: streaming CONFIG MODEL QUESTION
#include <iostream>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::cerr << "usage: streaming CONFIG MODEL QUESTION\n";
    return 2;
  }
  Runtime runtime = Runtime::open(argv[1]).value();
  TextStream deltas =
      runtime
          .stream_text({.model = argv[2],
                        .messages = {system_prompt("You are a helpful assistant."), user(argv[3])},
                        .settings = {.max_tokens = 2048,
                                     .temperature = 0.7,
                                     .top_p = 0.95,
                                     .reasoning_effort = ReasoningEffort::medium,
                                     .streaming_buffer_size = 5}})
          .value();
  for (const Delta& delta : deltas) {
    switch (delta.kind) {
      case Delta::Kind::channel_start: std::cout << "\n[" << to_string(delta.channel) << "] "; break;
      case Delta::Kind::reasoning:
      case Delta::Kind::text: std::cout << delta.content << std::flush; break;
      case Delta::Kind::usage:
        std::cout << "\n\nTokens: " << delta.usage.completion_tokens.value_or(0) << '\n';
        break;
      default: break;
    }
  }
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
