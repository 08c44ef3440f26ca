// SPDX-License-Identifier: MIT
// One conversation with several models, on whichever providers they are: each is asked by name, in turn.
//   usage: switch_models CONFIG MODEL...
#include <iostream>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

namespace {

int report(const Error& error) {
  std::cerr << error.message << (error.hint.empty() ? "" : "; " + error.hint) << '\n';
  return 1;
}

Flow print(const Delta& delta) {
  std::cout << delta.text() << std::flush;
  return Flow::proceed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: switch_models CONFIG MODEL...\n";
    return 2;
  }
  Result<Runtime> runtime = Runtime::open(argv[1]);
  if (!runtime) return report(runtime.error());

  Conversation conversation(*runtime, {}, "You answer in one sentence.");
  for (int i = 2; i < argc; ++i) {
    if (const Status switched = conversation.use_model(argv[i]); !switched) return report(switched.error());
    std::cout << argv[i] << ": ";
    const Result<Reply> reply = conversation.stream("What is a plugin?", print);
    if (!reply) return report(reply.error());
    std::cout << "\n  (" << reply->provider << ", " << reply->usage.completion_tokens.value_or(0)
              << " tokens)\n";
  }
}
