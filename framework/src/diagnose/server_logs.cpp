// SPDX-License-Identifier: MIT
#include "diagnose/server_logs.hpp"

#include <system_error>
#include <thread>
#include <utility>

#include "async/cancellation.hpp"
#include "async/started_calls.hpp"
#include "plugins/text.hpp"
#include "tachikoma/plugin/capability/server_log.hpp"

namespace tachikoma::diagnose {
namespace {

class Lines final : public ServerLogSink {
 public:
  Lines(const std::string& who, const LogCallback& log) : who_(who), log_(log) {}

  Flow on_line(Severity severity, std::string_view text) override {
    const InCallback in_callback;
    try {
      log_(severity, who_, plugins::printable(text));
    } catch (...) {
      // a failing log callback must not lose the following lines
    }
    return Flow::proceed;
  }

 private:
  const std::string who_;
  const LogCallback& log_;
};

}  // namespace

class ServerLogs::Follower {
 public:
  Follower(ServerLog& server, const ServerLogs& owner)
      : thread_([this, &server, &owner] { run(server, owner); }) {}
  ~Follower() {
    cancellation_.request(CancelReason::caller);
    thread_.join();
  }

 private:
  void run(ServerLog& server, const ServerLogs& owner) {
    Lines lines(owner.provider_ + " server", owner.log_);
    const Status followed = server.follow(lines, {cancellation_, next_request_id()});
    if (!followed && !cancellation_.requested())
      Lines(owner.provider_, owner.log_)
          .on_line(Severity::debug, "the server's log is not followed: " + followed.error().message);
  }

  CallCancellation cancellation_;
  std::thread thread_;  // last: it uses the others
};

ServerLogs::ServerLogs(std::string provider, std::vector<calls::ServerComponent> servers, LogCallback log)
    : provider_(std::move(provider)), servers_(std::move(servers)), log_(std::move(log)) {}

ServerLogs::~ServerLogs() = default;

void ServerLogs::follow() {
  std::call_once(begun_, [this] {
    for (const calls::ServerComponent& server : servers_) {
      void* log = server.provider->capability(ServerLog::kId);
      if (!log) continue;
      try {
        followers_.push_back(std::make_unique<Follower>(*static_cast<ServerLog*>(log), *this));
      } catch (const std::system_error& error) {
        Lines(provider_, log_)
            .on_line(Severity::warning, std::string("the server's log is not followed: ") + error.what());
      }
    }
  });
}

}  // namespace tachikoma::diagnose
