// SPDX-License-Identifier: MIT
#include <csignal>
#include <exception>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include "arguments.hpp"
#include "crash_report.hpp"
#include "output.hpp"
#include "queue_address.hpp"
#include "session.hpp"

#include <tachikoma/plugin/exception.hpp>

namespace tachikoma::cli {
namespace {

// A program that is started without stdin, stdout or stderr would give their numbers to the first files
// and sockets that it opens.
void occupy_standard_descriptors() {
  for (int fd = ::open("/dev/null", O_RDWR); fd >= 0; fd = ::open("/dev/null", O_RDWR)) {
    if (fd <= STDERR_FILENO) continue;
    ::close(fd);
    return;
  }
}

int run(Options options, Output& output) {
  if (const Status resolved = resolve_plugin_paths(options); !resolved) return output.fail(resolved.error());
  if (options.verb) return options.verb->run(options, output);
  output.print(options.text);
  return output.finish(0);
}

int run_guarded(const Options& options, Output& output) {
  try {
    return run(options, output);
  } catch (const Exception& e) {
    return output.fail(e.error());
  } catch (const std::exception& e) {
    return output.fail({ErrorCode::internal, e.what(), "this is a bug: please report it"});
  }
}

}  // namespace
}  // namespace tachikoma::cli

int main(int argc, char** argv) {
  using namespace tachikoma::cli;
  occupy_standard_descriptors();
  // a write without a reader then returns an error, and the generation is ended properly
  std::signal(SIGPIPE, SIG_IGN);
  report_crashes_of_plugins();
  const tachikoma::Result<Options> options = parse_arguments(argc, argv);
  if (!options) return Output(wants_json(argc, argv), true).fail(options.error());
  hide_passwords(argc, argv);
  Output output(options->json, options->color);
  return run_guarded(*options, output);
}
