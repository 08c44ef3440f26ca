// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <tachikoma/batch_queue.hpp>

namespace tachikoma::cli {

/// The queue's address: the one given, else that in TACHIKOMA_QUEUE, where other users can't read a password
/// in it as they can on a command line. Fails with `invalid_argument` if there is none.
Result<std::string> queue_url(const std::string& given);

/// Overwrites the passwords of addresses in the arguments, which every user of the machine can read. To be
/// called when they were parsed.
void hide_passwords(int argc, char** argv);

}  // namespace tachikoma::cli
