// SPDX-License-Identifier: MIT
#pragma once

namespace tachikoma::cli {

/// If the program crashes while it calls a plugin, says on stderr what it was calling; it then ends with the
/// same signal. Signals that are handled already stay as they are: a sanitizer knows more.
void report_crashes_of_plugins();

}  // namespace tachikoma::cli
