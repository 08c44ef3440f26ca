// SPDX-License-Identifier: MIT
#include "log_monitor.hpp"

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "base/try.hpp"
#include "log_writer.hpp"
#include "redaction.hpp"

namespace tachikoma::sqlite_log {
namespace {

using Form = base::LogColumn::Form;

class LogMonitor final : public Monitor {
 public:
  LogMonitor(LogWriter writer, Redaction redaction, bool content, Host& host)
      : writer_(std::move(writer)), redaction_(std::move(redaction)), content_(content), host_(host) {}

  bool wants_content() const override { return content_; }

  void on_event(const MonitorEvent& event) override {
    if (event.kind != MonitorEvent::Kind::finished && event.kind != MonitorEvent::Kind::failed) return;
    report(writer_.write(row_of(event)));
  }

  Status flush() override {
    Status written = writer_.write_waiting();
    report(written);
    if (written || writer_.waiting() == 0) return Done{};
    return Error(
        ErrorCode::internal,
        std::to_string(writer_.waiting()) + " generations are not in the log: " + written.error().message,
        written.error().hint);
  }

 private:
  Value::Array row_of(const MonitorEvent& event) const {
    Value::Array row;
    for (const base::LogColumn& column : base::log_columns()) {
      const bool left_out = column.form == Form::content && !content_;
      Value value = left_out ? Value() : column.of(event);
      const bool is_ours = column.form == Form::number || column.form == Form::word;
      row.push_back(is_ours ? std::move(value) : redaction_.hide(std::move(value)));
    }
    return row;
  }

  // Says once that nothing can be written, and once that it can be again.
  void report(const Status& written) {
    if (!written && !fails_)
      host_.log(Severity::error, "generations can't be logged now: " + written.error().message);
    if (written && fails_)
      host_.log(Severity::warning,
                "generations are logged again; " + std::to_string(writer_.lost()) + " are missing so far");
    fails_ = !written;
  }

  LogWriter writer_;
  const Redaction redaction_;
  const bool content_;
  Host& host_;
  bool fails_ = false;
};

Result<std::string> choose_file(const Value& settings) {
  if (const std::string_view given = settings["file"].as_string(); !given.empty()) return std::string(given);
  const std::string file = base::default_log_file();
  if (file.empty())
    return Error(ErrorCode::config_invalid,
                 "monitor 'sqlite_log' has no folder for its file: neither XDG_STATE_HOME nor HOME is set",
                 "set 'file', or one of these variables");
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(file).parent_path();
  std::error_code failed;
  fs::create_directories(folder.parent_path(), failed);
  if (fs::create_directory(folder, failed)) fs::permissions(folder, fs::perms::owner_all, failed);
  if (failed)
    return Error(ErrorCode::config_invalid,
                 "monitor 'sqlite_log' can't make '" + folder.string() + "' (" + failed.message() + ")",
                 "set 'file' to a path in an existing folder that you may write to");
  return file;
}

Error as_configured(Error error) {
  if (error.code != ErrorCode::config_invalid)
    error = Error(
        ErrorCode::config_invalid, "monitor 'sqlite_log' can't write its log: " + error.message,
        error.hint.empty() ? "set 'file' to a path in an existing folder that you may write to" : error.hint,
        error.detail);
  return error;
}

}  // namespace

Result<std::unique_ptr<Monitor>> make_monitor(const Value& settings, Host& host) {
  TACHIKOMA_TRY(Redaction redaction, Redaction::compile(settings["redact"]));
  TACHIKOMA_TRY(std::string file, choose_file(settings));
  const Retention retention{std::chrono::milliseconds(settings["keep"].as_integer()),
                            settings["max_rows"].as_integer()};
  Result<LogWriter> writer = LogWriter::open(
      std::move(file), retention, [&host](const std::string& text) { host.log(Severity::warning, text); });
  if (!writer) return as_configured(std::move(writer).error());
  return std::unique_ptr<Monitor>(std::make_unique<LogMonitor>(*std::move(writer), std::move(redaction),
                                                               settings["content"].as_bool(), host));
}

}  // namespace tachikoma::sqlite_log
