// SPDX-License-Identifier: MIT
// Answers each line of standard input, several at a time, and prints the answers in the order of the lines.
//   usage: batch CONFIG MODEL < QUESTIONS
#include <iostream>
#include <string>
#include <vector>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: batch CONFIG MODEL < QUESTIONS\n";
    return 2;
  }
  Runtime runtime = Runtime::open(argv[1]).value();
  std::vector<TextRequest> requests;
  for (std::string line; std::getline(std::cin, line);)
    requests.push_back({.model = argv[2], .messages = {user(line)}, .settings = {.max_tokens = 500}});

  const BatchOptions options{.on_progress = [](const BatchProgress& progress) {
    std::cerr << progress.done << " of " << progress.total << '\n';
  }};
  int failed = 0;
  for (const Result<Reply>& reply : runtime.batch_generate(std::move(requests), options).value()) {
    std::cout << (reply ? reply->text : "failed: " + reply.error().message) << '\n';
    if (!reply) ++failed;
  }
  return failed == 0 ? 0 : 1;
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
