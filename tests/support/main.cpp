// SPDX-License-Identifier: MIT
// The user's environment must not affect the tests.
#include <csignal>
#include <cstdlib>

#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"

int main(int argc, char** argv) {
  for (const char* name : {"TACHIKOMA_CONFIG", "TACHIKOMA_PLUGIN_PATH", "NO_COLOR", "LM_API_TOKEN",
                           "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "XDG_RUNTIME_DIR"})
    ::unsetenv(name);
  ::setenv("TACHIKOMA_LMSTUDIO_SDK_PORTS", "", 1);  // tests must not find an LM Studio on this machine
  ::setenv("TACHIKOMA_NO_SAVE", "1", 1);            // nor save a chat among its user's
  std::signal(SIGPIPE, SIG_IGN);
  return Catch::Session().run(argc, argv);
}
