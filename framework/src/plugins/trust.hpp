// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tachikoma/plugin/result.hpp"

namespace tachikoma::plugins {

/// Whether a file may be trusted to be what its owner put there: it is regular, it and its folder
/// belong to root or to us and can't be written by strangers, and no folder above lets a stranger
/// replace them. `file` is canonical. Messages as those of `read_note`.
Status check_trust(const std::string& file);

}  // namespace tachikoma::plugins
