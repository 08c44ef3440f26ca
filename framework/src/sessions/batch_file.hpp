// SPDX-License-Identifier: MIT
#pragma once

#include "sessions/batch_requests.hpp"

namespace tachikoma::sessions {

/// As `Runtime::batch_file`.
Result<BatchReport> batch_file(const BatchParts& parts, const BatchFiles& files, const BatchOptions& options);

}  // namespace tachikoma::sessions
