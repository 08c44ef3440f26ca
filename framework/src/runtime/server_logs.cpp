// SPDX-License-Identifier: MIT
#include "runtime/server_logs.hpp"

#include <string>
#include <string_view>
#include <system_error>

#include "runtime/providers.hpp"
#include "tachikoma/plugin/capability/server_log.hpp"

namespace tachikoma {
namespace {

class ToLog final : public ServerLogSink {
 public:
  ToLog(const LogCallback& log, const std::string& provider) : log_(log), provider_(provider) {}
  Flow on_line(Severity severity, std::string_view text) override {
    log_(severity, provider_ + " server", text);
    return Flow::proceed;
  }

 private:
  const LogCallback& log_;
  const std::string& provider_;
};

void follow_one(ServerLog& server, const std::string& provider, const LogCallback& log,
                CallCancellation& cancellation) {
  ToLog sink(log, provider);
  const std::string id = next_request_id();
  const Status end = server.follow(sink, {cancellation, id});
  if (!end && !cancellation.requested())
    log(Severity::debug, provider, "the server's log can't be followed: " + end.error().message);
}

}  // namespace

void ServerLogs::follow(const Providers& providers) {
  if (!providers.log()) return;
  for (const ProviderSlot& slot : providers.all())
    for (const policy::Server& server : slot.servers) {
      auto* log = static_cast<ServerLog*>(server.provider->capability(ServerLog::kId));
      if (!log) continue;
      try {
        threads_.emplace_back(
            [this, log, &slot, &providers] { follow_one(*log, slot.id, providers.log(), cancellation_); });
      } catch (const std::system_error& failure) {
        providers.log()(Severity::warning, slot.id,
                        std::string("the server's log is not followed: ") + failure.what());
      }
    }
}

ServerLogs::~ServerLogs() {
  cancellation_.request(CancelReason::caller);
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace tachikoma
