// SPDX-License-Identifier: MIT
// A server on another machine, behind a proxy that wants a header; without a configuration file.
//   usage: custom_endpoint BASE_URL TOKEN
#include <iostream>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: custom_endpoint BASE_URL TOKEN\n";
    return 2;
  }
  Runtime runtime = Runtime::with({.plugin = "lmstudio",
                                   .base_url = argv[1],  // such as http://192.168.1.100:1234
                                   .headers = {{"X-Custom-Auth", argv[2]}}})
                        .value();
  const ProviderHandle lmstudio = runtime.provider("lmstudio").value();
  const Health health = lmstudio.health().value();
  std::cout << health.server << " at " << health.base_url << '\n';
  for (const ModelInfo& model : lmstudio.list_models().value()) std::cout << model.key << '\n';
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
