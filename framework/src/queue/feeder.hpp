// SPDX-License-Identifier: MIT
#pragma once

#include "queue/broker.hpp"
#include "sessions/batch_file.hpp"

namespace tachikoma::queue {

/// As `BatchQueue::run`.
Result<BatchReport> feed_and_collect(const QueueAddress& address, const BatchFiles& files,
                                     const BatchOptions& options, const QueueTroubleCallback& on_trouble);

}  // namespace tachikoma::queue
