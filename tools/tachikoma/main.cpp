// SPDX-License-Identifier: MIT
#include <csignal>
#include <exception>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include "arguments.hpp"
#include "ask.hpp"
#include "chat.hpp"
#include "config.hpp"
#include "count.hpp"
#include "doctor.hpp"
#include "download.hpp"
#include "embed.hpp"
#include "load.hpp"
#include "models.hpp"
#include "output.hpp"
#include "plugin.hpp"
#include "ps.hpp"
#include "session.hpp"
#include "status.hpp"
#include "unload.hpp"

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
  switch (options.command) {
    case Command::print: output.print(options.text); return output.finish(0);
    case Command::ask: return run_ask(options, output);
    case Command::chat: return run_chat(options, output);
    case Command::embed: return run_embed(options, output);
    case Command::count: return run_count(options, output);
    case Command::models: return run_models(options, output);
    case Command::load: return run_load(options, output);
    case Command::unload: return run_unload(options, output);
    case Command::ps: return run_ps(options, output);
    case Command::download: return run_download(options, output);
    case Command::status: return run_status(options, output);
    case Command::doctor: return run_doctor(options, output);
    case Command::plugin_list: return run_plugin_list(options, output);
    case Command::plugin_info: return run_plugin_info(options, output);
    case Command::config_check: return run_config_check(options, output);
    case Command::config_show: return run_config_show(options, output);
    case Command::config_path: return run_config_path(options, output);
  }
  return 1;
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
  const tachikoma::Result<Options> options = parse_arguments(argc, argv);
  if (!options) return Output(wants_json(argc, argv), true).fail(options.error());
  Output output(options->json, options->color);
  return run_guarded(*options, output);
}
