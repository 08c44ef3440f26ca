// SPDX-License-Identifier: MIT
// A chat with a fast model and a thorough one: short questions go to the first, long ones to the second, and
// both know all that was said. A fork asks the other one too, and leaves no trace.
//   usage: multi_model_chat CONFIG FAST THOROUGH
#include <iostream>
#include <string>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

namespace {

constexpr std::size_t kLong = 40;

int report(const Error& error) {
  std::cerr << error.message << (error.hint.empty() ? "" : "; " + error.hint) << '\n';
  return 1;
}

Status answer(Conversation& conversation, const std::string& model, const std::string& question) {
  if (Status used = conversation.use_model(model); !used) return used;
  const Result<Reply> reply = conversation.send(question);
  if (!reply) return reply.error();
  std::cout << reply->model << ": " << reply->text << '\n';
  return Done{};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: multi_model_chat CONFIG FAST THOROUGH\n";
    return 2;
  }
  Result<Runtime> runtime = Runtime::open(argv[1]);
  if (!runtime) return report(runtime.error());

  Conversation conversation(*runtime);
  for (std::string line; std::getline(std::cin, line);) {
    const bool is_long = line.size() >= kLong;
    Conversation second_opinion = conversation.fork();
    if (const Status said = answer(conversation, argv[is_long ? 3 : 2], line); !said)
      return report(said.error());
    if (const Status said = answer(second_opinion, argv[is_long ? 2 : 3], line); !said)
      return report(said.error());
  }
  std::cout << conversation.messages().size() << " messages\n";
}
