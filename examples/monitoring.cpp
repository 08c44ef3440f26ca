// SPDX-License-Identifier: MIT
// Asks each line of standard input, and tells what each answer has used, and all of them together.
//   usage: monitoring CONFIG MODEL < QUESTIONS
#include <iostream>
#include <string>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

namespace {

std::string shown(const std::optional<std::int64_t>& count) {
  return count ? std::to_string(*count) : "an unknown number of";
}

// On the monitor's own thread, while the next question may be under way.
void print(const GenerationUsage& metrics) {
  std::cerr << metrics.model << ": " << to_string(metrics.outcome) << " after "
            << std::chrono::duration<double>(metrics.total_time).count() << " s, "
            << shown(metrics.usage.prompt_tokens) << " prompt tokens, "
            << shown(metrics.usage.completion_tokens) << " completion tokens";
  if (metrics.tokens_per_second) std::cerr << ", " << metrics.tokens_per_second.value << " tokens/s";
  std::cerr << '\n';
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: monitoring CONFIG MODEL < QUESTIONS\n";
    return 2;
  }
  Runtime runtime = Runtime::open(argv[1]).value();
  UsageMonitor monitor(runtime);
  monitor.on_generation(print);

  for (std::string line; std::getline(std::cin, line);) {
    const Result<Reply> reply = runtime.generate_text({.model = argv[2], .messages = {user(line)}});
    std::cout << (reply ? reply->text : "failed: " + reply.error().message) << '\n';
  }
  monitor.flush();
  for (const std::string& sentence : describe(monitor.statistics())) std::cerr << sentence << '\n';
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
