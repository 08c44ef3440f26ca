// SPDX-License-Identifier: MIT
#include "tachikoma/batch_worker.hpp"

#include <cstdint>
#include <utility>

#include "api/runtime_parts.hpp"
#include "base/try.hpp"
#include "queue/worker.hpp"
#include "tachikoma/runtime.hpp"

namespace tachikoma {

class BatchWorker::Impl {
 public:
  Impl(PartsInUse in_use, queue::QueueAddress of) : parts(std::move(in_use)), address(std::move(of)) {}

  const PartsInUse parts;
  const queue::QueueAddress address;
  const std::string name = queue::new_worker_name();
};

Result<BatchWorker> BatchWorker::open(Runtime& runtime, std::string_view url) {
  TACHIKOMA_TRY(queue::QueueAddress address, queue::parse_queue_url(url));
  return BatchWorker(std::make_shared<const Impl>(runtime.parts_->use(), std::move(address)));
}

Result<BatchWorkerReport> BatchWorker::run(const BatchWorkerOptions& options) const {
  const PartsInUse& parts = impl_->parts;
  return queue::work({parts->for_calls, parts->generator, parts->management, parts.configured},
                     impl_->address, impl_->name, options);
}

const std::string& BatchWorker::name() const { return impl_->name; }

std::string BatchWorker::address() const { return impl_->address.shown(); }

Value to_value(const BatchWorkerReport& report) {
  return Value::object({{"answered", static_cast<std::int64_t>(report.answered)},
                        {"failed", static_cast<std::int64_t>(report.failed)},
                        {"given_back", static_cast<std::int64_t>(report.given_back)}});
}

}  // namespace tachikoma
