// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include <sys/types.h>

/// Standard streams are shared: another program may have made them non-blocking, as Node.js and ssh do. These
/// wait all the same, and go on after a signal.

namespace tachikoma::base {

/// Reads at least one byte; 0 at the end, -1 with errno.
ssize_t read_some(int descriptor, void* to, std::size_t count);

/// Writes all of it; 0, or the errno that stopped it.
int write_all(int descriptor, std::string_view text);

}  // namespace tachikoma::base
