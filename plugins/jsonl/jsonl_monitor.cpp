// SPDX-License-Identifier: MIT
#include "jsonl/jsonl_monitor.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include "base/json.hpp"
#include "base/try.hpp"
#include "jsonl/event_line.hpp"
#include "jsonl/log_file.hpp"

namespace tachikoma::jsonl {
namespace {

bool is_last(MonitorEvent::Kind kind) {
  return kind == MonitorEvent::Kind::finished || kind == MonitorEvent::Kind::failed;
}

std::string events(std::uint64_t count) { return count == 1 ? "1 event" : std::to_string(count) + " events"; }

class JsonlMonitor final : public Monitor {
 public:
  JsonlMonitor(LogFile file, const Value& settings, Host& host)
      : file_(std::move(file)),
        all_(settings["events"].as_string() == "all"),
        content_(settings["content"].as_bool()),
        host_(host) {}

  bool wants_content() const override { return content_; }

  void on_event(const MonitorEvent& event) override {
    if (!all_ && !is_last(event.kind)) return;
    if (const Status appended = file_.append(base::to_json(describe(event, content_))); !appended)
      on_failure(appended.error().message);
    else if (const std::uint64_t lost = std::exchange(lost_, 0); lost > 0)
      host_.log(Severity::info, "'" + file_.path() + "' can be written again; lost: " + events(lost));
    watch_rotation();
  }

  Status flush() override {
    const std::uint64_t lost = std::exchange(unreported_, 0);
    if (lost == 0) return Done{};
    return Error(ErrorCode::internal, events(lost) + " could not be written to '" + file_.path() + "'",
                 "free space on its disk, and see that its folder exists and may be written to");
  }

 private:
  void on_failure(const std::string& reason) {
    ++unreported_;
    if (++lost_ == 1) host_.log(Severity::error, reason + "; events are lost until it can be written again");
  }

  void watch_rotation() {
    const bool stuck = !file_.rotation_failure().empty();
    if (stuck && !stuck_) host_.log(Severity::warning, file_.rotation_failure() + "; it grows on");
    stuck_ = stuck;
  }

  LogFile file_;
  const bool all_, content_;
  Host& host_;
  bool stuck_ = false;            // that it can't be rotated has been said
  std::uint64_t lost_ = 0;        // since it could be written
  std::uint64_t unreported_ = 0;  // since the last flush
};

}  // namespace

Result<std::unique_ptr<Monitor>> make_monitor(const Value& settings, Host& host) {
  const LogFile::Rotation rotation{.at_bytes = settings["rotate_at"].as_integer(),
                                   .keep = static_cast<int>(settings["keep"].as_integer(5))};
  Result<LogFile> file = LogFile::open(std::string(settings["file"].as_string()), rotation);
  if (!file)
    return Error(ErrorCode::config_invalid, "monitor 'jsonl' " + file.error().message,
                 "set 'file' to a path in an existing folder that you may write to");
  return std::unique_ptr<Monitor>(std::make_unique<JsonlMonitor>(std::move(*file), settings, host));
}

}  // namespace tachikoma::jsonl
