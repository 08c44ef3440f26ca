// SPDX-License-Identifier: MIT
// Writes code from a description on standard input, or explains the code that stands there.
//   usage: code_assistant CONFIG MODEL write LANGUAGE < DESCRIPTION
//          code_assistant CONFIG MODEL explain < CODE
#include <iostream>
#include <iterator>
#include <string>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

namespace {

// Models like to put their code in a fence: what opens it is left out, and the answer stops where it closes.
std::string without_fence(const std::string& code) {
  return code.starts_with("```") ? code.substr(code.find('\n') + 1) : code;
}

std::string write_code(Runtime& runtime, const std::string& model, const std::string& language,
                       const std::string& description) {
  const Reply reply =
      runtime
          .generate_text({.model = model,
                          .messages = {system_prompt("You are an expert " + language +
                                                     " developer. Write clean, efficient code "
                                                     "with comments, and nothing else."),
                                       user(description)},
                          .settings = {.temperature = 0.3,  // less random than a chat
                                       .stop_sequences = {"\n```", "// End of code"}}})
          .value();
  return without_fence(reply.text);
}

std::string explain_code(Runtime& runtime, const std::string& model, const std::string& code) {
  return runtime
      .generate_text(
          {.model = model,
           .messages = {system_prompt("Explain the following code clearly and concisely."), user(code)}})
      .value()
      .text;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string action = argc > 3 ? argv[3] : "";
  if (!(action == "write" && argc == 5) && !(action == "explain" && argc == 4)) {
    std::cerr << "usage: code_assistant CONFIG MODEL write LANGUAGE < DESCRIPTION\n"
                 "       code_assistant CONFIG MODEL explain < CODE\n";
    return 2;
  }
  Runtime runtime = Runtime::open(argv[1]).value();
  const std::string input(std::istreambuf_iterator<char>(std::cin), {});
  std::cout << (action == "write" ? write_code(runtime, argv[2], argv[4], input)
                                  : explain_code(runtime, argv[2], input))
            << '\n';
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
