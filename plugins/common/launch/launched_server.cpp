// SPDX-License-Identifier: MIT
#include "common/launch/launched_server.hpp"

#include <string_view>
#include <utility>

#include "base/durations.hpp"
#include "base/excerpt.hpp"
#include "base/try.hpp"
#include "common/launch/readiness.hpp"
#include "common/net/cancel_wake.hpp"

namespace tachikoma::kit {
namespace {

constexpr std::chrono::milliseconds kProbe{1000};
constexpr std::chrono::milliseconds kFirstPause{20};
constexpr std::chrono::milliseconds kLongestPause{500};

// Replaces `{host}` and `{port}` by the server's address.
ChildCommand addressed(ChildCommand command, const ServerUrl& url) {
  const auto fill = [&](std::string& text) {
    for (const auto& [word, value] :
         {std::pair<std::string_view, std::string>{"{host}", url.host}, {"{port}", std::to_string(url.port)}})
      for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += value.size())
        text.replace(at, word.size(), value);
  };
  for (std::string& argument : command.argv) fill(argument);
  for (auto& [name, value] : command.environment) fill(value);
  return command;
}

Error cancelled() { return Error(ErrorCode::cancelled, "cancelled"); }

}  // namespace

LaunchedServer::LaunchedServer(LaunchSettings settings, std::shared_ptr<HttpClient> client, Host& host)
    : settings_(std::move(settings)),
      ready_path_(settings_.ready.empty() ? client->url().api + "/models" : settings_.ready),
      command_(addressed(settings_.command, client->url())),
      client_(std::move(client)),
      host_(host) {}

bool LaunchedServer::ready() const {
  const std::lock_guard lock(mutex_);
  return !starting_ && up();
}

void LaunchedServer::forget() {
  const std::lock_guard lock(mutex_);
  attached_ = false;
}

Status LaunchedServer::ensure(const CallContext& context) {
  const CancelWake wake(context.cancellation, mutex_, changed_);
  {
    std::unique_lock lock(mutex_);
    if (starting_) context.enter(Phase::loading);
    changed_.wait(lock, [&] { return !starting_ || wake.cancelled(); });
    if (wake.cancelled()) return cancelled();
    if (up()) return Done{};
    starting_ = true;
  }
  context.enter(Phase::loading);
  Status brought = bring_up(context);
  context.enter(Phase::connecting);
  const std::lock_guard lock(mutex_);
  starting_ = false;
  changed_.notify_all();
  return brought;
}

// Runs on one thread at a time, so other threads only read what it changes.
Status LaunchedServer::bring_up(const CallContext& context) {
  TACHIKOMA_TRY(const bool there, answers(context.cancellation, kProbe));
  if (there) {
    host_.log(Severity::info, client_->url_text() + " answers already; nothing is launched");
    const std::lock_guard lock(mutex_);
    attached_ = true;
    return Done{};
  }
  if (child_ && started_ > settings_.restarts) {
    Error error = ended(*child_, "ended");
    error.message += "; it was started " + std::to_string(started_) + (started_ == 1 ? " time" : " times") +
                     ", as often as launch.restarts allows";
    return error;
  }
  if (child_) host_.log(Severity::warning, ended(*child_, "ended").message + "; it is started again");
  TACHIKOMA_TRY(std::unique_ptr<ChildProcess> child, start());
  Status ready = wait_until_ready(*child, context);
  const std::lock_guard lock(mutex_);
  ++started_;
  attached_ = ready && child->end();
  if (ready || child->end()) child_ = std::move(child);
  return ready;
}

Result<std::unique_ptr<ChildProcess>> LaunchedServer::start() {
  ChildProcess::OnLine on_line;
  if (settings_.log) on_line = [this](std::string_view line) { host_.log(Severity::info, line); };
  host_.log(Severity::info, "starts '" + command_.argv.front() + "'");
  return ChildProcess::start(command_, std::move(on_line));
}

Status LaunchedServer::wait_until_ready(ChildProcess& child, const CallContext& context) {
  const ReadinessLimits limits{kFirstPause, kLongestPause, settings_.ready_time};
  const Result<bool> ready = ask_until_ready(child, limits, context.cancellation, [&]() -> Result<bool> {
    if (child.end() && !left_it_running(child)) return ended(child, "ended before it was ready");
    return answers(context.cancellation, kProbe);
  });
  if (!ready) return ready.error();
  if (*ready) return Done{};
  return Error(ErrorCode::timeout,
               "'" + command_.argv.front() + "' was not ready within " +
                   base::describe_time(settings_.ready_time) + ": " + client_->url_text() + ready_path_ +
                   " gives no answer with a status of 2xx",
               "see what it writes with launch.log, or raise launch.ready_timeout",
               Value::object({{"clock", "load"}, {"log", child.last_lines()}}));
}

// True for a command such as `lms server start`, whose server keeps running when the command ends.
bool LaunchedServer::left_it_running(const ChildProcess& child) const {
  const std::optional<ChildEnd> end = child.end();
  return !command_.keep_all && end && end->signal == 0 && end->exit_code == 0;
}

// Fails only if cancelled; no answer is a valid result.
Result<bool> LaunchedServer::answers(Cancellation& cancellation, std::chrono::milliseconds limit) {
  const CallScope scope{cancellation, CallScope::Clock::now() + limit};
  const Result<Document> reply = fetch(*client_, {.path = ready_path_}, scope);
  if (cancellation.requested()) return cancelled();
  return reply && reply->ok();
}

Error LaunchedServer::ended(const ChildProcess& child, std::string_view when) const {
  const std::string lines = child.last_lines();
  const std::string last = lines.substr(lines.rfind('\n') + 1);
  return Error(ErrorCode::unreachable,
               "'" + command_.argv.front() + "' " + std::string(when) + " with " +
                   to_text(child.end().value_or(ChildEnd{})) +
                   (last.empty() ? "" : ": \"" + base::excerpt(last, 400) + '"'),
               "run it by hand to see why", Value::object({{"log", lines}}));
}

}  // namespace tachikoma::kit
