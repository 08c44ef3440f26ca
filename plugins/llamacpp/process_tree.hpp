// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include <sys/types.h>

namespace tachikoma::llamacpp {

/// The process and what it started, as far as the system tells: a script may have started the server.
std::vector<pid_t> process_tree(pid_t process);

/// True if one of them listens on that TCP port, according to the system: nothing is sent to it.
bool listens_on(pid_t process, std::uint16_t port);

}  // namespace tachikoma::llamacpp
