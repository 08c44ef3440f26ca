// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "queue/queue_address.hpp"
#include "sessions/batch_requests.hpp"
#include "tachikoma/batch_worker.hpp"

namespace tachikoma::queue {

/// The machine's name, the number of this process, and four random digits: machines in containers share the
/// others.
std::string new_worker_name();

/// As `BatchWorker::run`.
Result<BatchWorkerReport> work(const sessions::BatchParts& parts, const QueueAddress& address,
                               const std::string& name, const BatchWorkerOptions& options);

}  // namespace tachikoma::queue
