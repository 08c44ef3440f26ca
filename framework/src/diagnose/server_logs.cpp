// SPDX-License-Identifier: MIT
#include "diagnose/server_logs.hpp"

#include <system_error>
#include <utility>

#include "async/cancellation.hpp"
#include "async/escort.hpp"
#include "async/loose_thread.hpp"
#include "async/started_calls.hpp"
#include "plugins/text.hpp"
#include "tachikoma/plugin/capability/server_log.hpp"

namespace tachikoma::diagnose {
namespace {

class Lines final : public ServerLogSink {
 public:
  Lines(std::string who, std::shared_ptr<plugins::LogGate> log)
      : who_(std::move(who)), log_(std::move(log)) {}

  Flow on_line(Severity severity, std::string_view text) override {
    const InCallback in_callback;
    log_->write(severity, who_, plugins::printable(text));
    return Flow::proceed;
  }

 private:
  const std::string who_;
  const std::shared_ptr<plugins::LogGate> log_;
};

}  // namespace

class ServerLogs::Follower {
 public:
  Follower(const calls::ServerComponent& server, const ServerLogs& owner)
      : cancellation_(std::make_shared<CallCancellation>()),
        thread_([cancellation = cancellation_, server, provider = owner.provider_, log = owner.log_] {
          run(*cancellation, *server.capability<ServerLog>(), provider, log);
        }) {}
  ~Follower() { cancellation_->request(CancelReason::caller); }

  /// False: it does not return.
  bool join() {
    cancellation_->request(CancelReason::caller);
    return thread_.join_within(async::kReturnTime);
  }
  int thread() const { return thread_.number(); }

 private:
  static void run(CallCancellation& cancellation, ServerLog& server, const std::string& provider,
                  const std::shared_ptr<plugins::LogGate>& log) {
    Lines lines(provider + " server", log);
    const std::string id = next_request_id();
    const Status followed = server.follow(lines, {cancellation, id});
    if (!followed && !cancellation.requested())
      Lines(provider, log)
          .on_line(Severity::debug, "the server's log is not followed: " + followed.error().message);
  }

  const std::shared_ptr<CallCancellation> cancellation_;
  async::LooseThread thread_;
};

ServerLogs::ServerLogs(std::string provider, std::vector<calls::ServerComponent> servers, LogCallback log)
    : provider_(std::move(provider)),
      servers_(std::move(servers)),
      log_(std::make_shared<plugins::LogGate>(std::move(log))) {}

ServerLogs::~ServerLogs() {
  for (const auto& follower : followers_)
    if (!follower->join())
      log_->write(Severity::error, provider_,
                  "the plugin does not return from following the server's log: thread " +
                      std::to_string(follower->thread()) + " was written off");
  log_->close();
}

void ServerLogs::follow() {
  std::call_once(begun_, [this] {
    for (const calls::ServerComponent& server : servers_) {
      if (!server.capability<ServerLog>()) continue;
      try {
        followers_.push_back(std::make_unique<Follower>(server, *this));
      } catch (const std::system_error& error) {
        Lines(provider_, log_)
            .on_line(Severity::warning, std::string("the server's log is not followed: ") + error.what());
      }
    }
  });
}

}  // namespace tachikoma::diagnose
