// SPDX-License-Identifier: MIT
// A chat on a terminal: what is said is streamed, and kept in a file, with which the next run goes on.
//   usage: chat CONFIG MODEL [FILE]
#include <filesystem>
#include <iostream>
#include <string>

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

Result<Conversation> begin(Runtime& runtime, const std::string& model, const std::string& file) {
  if (!file.empty() && std::filesystem::exists(file)) return Conversation::resume(runtime, file);
  Conversation conversation(runtime, model, "You answer in one sentence.");
  if (!file.empty())
    if (Status kept = conversation.keep_in(file); !kept) return std::move(kept).error();
  return conversation;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: chat CONFIG MODEL [FILE]\n";
    return 2;
  }
  Result<Runtime> runtime = Runtime::open(argv[1]);
  if (!runtime) return report(runtime.error());
  Result<Conversation> conversation = begin(*runtime, argv[2], argc > 3 ? argv[3] : "");
  if (!conversation) return report(conversation.error());
  for (const std::string& notice : conversation->notices()) std::cerr << notice << '\n';

  conversation->settings.max_tokens = 1000;
  conversation->token_budget = 4000;
  for (std::string line; std::cout << "> " && std::getline(std::cin, line);) {
    if (line == "/reset") {
      conversation->reset();
      continue;
    }
    const Result<Reply> reply = conversation->stream(line, print);
    std::cout << '\n';
    if (!reply)
      report(reply.error());  // the turn is forgotten, and the next one may go well
    else
      for (const std::string& notice : reply->notices) std::cerr << notice << '\n';
  }
}
