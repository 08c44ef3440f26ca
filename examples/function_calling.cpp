// SPDX-License-Identifier: MIT
// Answers a question with the help of C++ functions: the model calls them, and gets their results.
//   usage: function_calling CONFIG MODEL QUESTION
#include <iostream>
#include <string>
#include <vector>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

namespace {

struct Tools {
  std::string get_current_weather(std::string location) const { return "Sunny, 22°C in " + location; }
  std::vector<std::string> search_web(std::string query) const {
    return {"Result 1 for " + query, "Result 2 for " + query};
  }
};

ToolKit tool_kit() {
  ToolKit kit;
  kit.add("get_current_weather", "Weather at a place", {param("location", "City")}, Tools(),
          &Tools::get_current_weather);
  kit.add("search_web", "Search the web", {param("query", "What to look for")}, Tools(), &Tools::search_web);
  return kit;
}

// A tool that did something that can't be undone would ask the user here.
Approval approve(const PendingToolCall& pending) {
  std::cout << "(" << pending.call.name << " " << to_json(pending.arguments) << ")\n";
  return {};
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::cerr << "usage: function_calling CONFIG MODEL QUESTION\n";
    return 2;
  }
  Runtime runtime = Runtime::open(argv[1]).value();
  const Reply reply = runtime
                          .generate_text({.model = argv[2],
                                          .messages = {user(argv[3])},
                                          .tools = tool_kit(),
                                          .tool_rules = {.max_steps = 4, .approve = approve}})
                          .value();
  std::cout << reply.text << '\n';
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
