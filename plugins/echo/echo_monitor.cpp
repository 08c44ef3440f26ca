// SPDX-License-Identifier: MIT
#include "echo_monitor.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

#include "base/durations.hpp"
#include "base/json.hpp"

namespace tachikoma::echo {
namespace {

void set_if(Value& object, std::string_view key, const std::optional<std::int64_t>& number) {
  if (number) object.set(key, *number);
}

void add_finish(Value& line, const MonitorEvent& event) {
  line.set("served_model", event.served_model);
  line.set("finish", to_string(event.finish));
  line.set("decode_ms", base::in_milliseconds(event.decode_time));
  Value usage = Value::object();
  set_if(usage, "prompt_tokens", event.usage.prompt_tokens);
  set_if(usage, "completion_tokens", event.usage.completion_tokens);
  set_if(usage, "reasoning_tokens", event.usage.reasoning_tokens);
  line.set("usage", std::move(usage));
}

Value describe(const MonitorEvent& event) {
  Value line = Value::object({{"kind", to_string(event.kind)},
                              {"time", base::utc_text(event.time)},
                              {"request_id", event.request_id},
                              {"provider", event.provider},
                              {"model", event.model},
                              {"elapsed_ms", base::in_milliseconds(event.elapsed)}});
  if (event.kind == MonitorEvent::Kind::finished) add_finish(line, event);
  if (event.kind == MonitorEvent::Kind::failed)
    line.set("error",
             Value::object({{"code", to_string(event.error.code)}, {"message", event.error.message}}));
  return line;
}

class EchoMonitor final : public Monitor {
 public:
  EchoMonitor(std::string name, std::ofstream file, Host& host)
      : name_(std::move(name)), file_(std::move(file)), host_(host) {}

  void on_event(const MonitorEvent& event) override {
    file_ << base::to_json(describe(event)) + "\n" << std::flush;
    if (file_) return;
    file_.clear();  // the disk may have space again for the next event
    ++lost_;
    if (lost_ == 1) host_.log(Severity::error, "can't write to '" + name_ + "'; events are lost");
  }

  Status flush() override {
    if (lost_ == 0) return Done{};
    return Error(ErrorCode::internal,
                 std::to_string(lost_) + " events could not be written to '" + name_ + "'",
                 "free space on the disk of that file");
  }

 private:
  const std::string name_;
  std::ofstream file_;
  Host& host_;
  int lost_ = 0;
};

}  // namespace

Result<std::unique_ptr<Monitor>> make_monitor(const Value& settings, Host& host) {
  const std::string name(settings["file"].as_string());
  std::ofstream file(name, std::ios::app);
  if (!file)
    return Error(ErrorCode::config_invalid,
                 "monitor 'echo' can't write to file '" + name + "' (" + std::strerror(errno) + ")",
                 "set 'file' to a path in an existing folder that you may write to");
  return std::unique_ptr<Monitor>(std::make_unique<EchoMonitor>(name, std::move(file), host));
}

}  // namespace tachikoma::echo
