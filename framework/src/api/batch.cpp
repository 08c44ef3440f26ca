// SPDX-License-Identifier: MIT
#include "tachikoma/batch.hpp"

#include <cstdint>
#include <utility>

#include "api/runtime_parts.hpp"
#include "base/try.hpp"
#include "sessions/batch_file.hpp"
#include "tachikoma/runtime.hpp"

namespace tachikoma {
namespace {

sessions::BatchParts for_batch(const PartsInUse& parts) {
  return {parts->for_calls, parts->generator, parts->management, parts.configured};
}

}  // namespace

Result<std::vector<Result<Reply>>> Runtime::batch_generate(std::vector<TextRequest> requests,
                                                           const BatchOptions& options) {
  const PartsInUse parts = parts_->use();
  return sessions::batch_generate(for_batch(parts), std::move(requests), options);
}

Result<std::vector<Result<Reply>>> ProviderHandle::batch_generate(std::vector<TextRequest> requests,
                                                                  const BatchOptions& options) const {
  const PartsInUse parts = parts_->use();
  TACHIKOMA_TRY_STATUS(parts->providers.find(id_));
  for (TextRequest& request : requests) request.model = on_this(request.model);
  return sessions::batch_generate(for_batch(parts), std::move(requests), options);
}

Result<BatchReport> Runtime::batch_file(const BatchFiles& files, const BatchOptions& options) {
  const PartsInUse parts = parts_->use();
  return sessions::batch_file(for_batch(parts), files, options);
}

Value to_value(const BatchReport& report) {
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Value() : Value(text); };
  return Value::object({{"total", static_cast<std::int64_t>(report.total)},
                        {"succeeded", static_cast<std::int64_t>(report.succeeded)},
                        {"failed", static_cast<std::int64_t>(report.failed)},
                        {"resumed", static_cast<std::int64_t>(report.resumed)},
                        {"models", static_cast<std::int64_t>(report.models)},
                        {"seconds", std::chrono::duration<double>(report.time).count()},
                        {"output", text_or_null(report.output)},
                        {"errors", text_or_null(report.errors)}});
}

}  // namespace tachikoma
