// SPDX-License-Identifier: MIT
// Tests a function that uses a model. With --record it asks the server, and writes a cassette; without, it
// needs no server.
//   usage: recorded_test CONFIG MODEL CASSETTE [--record]
#include <iostream>
#include <string>
#include <utility>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

// What is tested: a part of the program.
std::string greeting(Runtime& runtime, const std::string& model, const std::string& name) {
  return runtime.generate_text({.model = model, .messages = {user("Greet " + name)}}).value().text;
}

int main(int argc, char** argv) try {
  if (argc != 4 && argc != 5) {
    std::cerr << "usage: recorded_test CONFIG MODEL CASSETTE [--record]\n";
    return 2;
  }
  PluginRegistry plugins;
  Config config = load_config(argv[1], plugins).value();
  if (argc == 5)
    config.providers.front().record = argv[3];
  else
    config.providers.front().replay = ReplayConfig{.file = argv[3]};
  Runtime runtime = Runtime::from(std::move(config), std::move(plugins)).value();

  const std::string said = greeting(runtime, argv[2], "Ada");
  const bool passed = said.find("Ada") != std::string::npos;
  std::cout << (passed ? "passed: " : "FAILED: ") << said << '\n';
  return passed ? 0 : 1;
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
