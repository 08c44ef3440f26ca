// SPDX-License-Identifier: MIT
#include "tool_use.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <optional>
#include <poll.h>
#include <set>
#include <stop_token>
#include <string>
#include <unistd.h>
#include <utility>

#include <sys/eventfd.h>

#include "base/blocking_io.hpp"
#include "base/excerpt.hpp"
#include "base/lists.hpp"
#include "base/nearest.hpp"
#include "base/try.hpp"

#include <tachikoma/config.hpp>

namespace tachikoma::cli {
namespace {

/// The terminal of the user, wherever the standard streams lead.
class Terminal {
 public:
  explicit Terminal(std::stop_token stop)
      : fd_(::open("/dev/tty", O_RDWR | O_CLOEXEC)),
        stopped_(::eventfd(0, EFD_CLOEXEC)),
        on_stop_(std::in_place, std::move(stop), [this] { ::eventfd_write(stopped_, 1); }) {}
  ~Terminal() {
    on_stop_.reset();  // which writes to what is closed here
    if (fd_ >= 0) ::close(fd_);
    if (stopped_ >= 0) ::close(stopped_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  bool is_there() const { return fd_ >= 0; }
  /// The line that the user types; nullopt at the end of the input, and once a stop is requested.
  std::optional<std::string> ask(std::string_view question) const {
    base::write_all(fd_, question);
    std::string line;
    for (;;) {
      std::array<pollfd, 2> ready{{{fd_, POLLIN, 0}, {stopped_, POLLIN, 0}}};
      if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return std::nullopt;
      if (ready[1].revents != 0) return std::nullopt;
      if (ready[0].revents == 0) continue;
      char byte = 0;
      if (base::read_some(fd_, &byte, 1) <= 0) return std::nullopt;
      if (byte == '\n') return line;
      line += byte;
    }
  }

 private:
  const int fd_, stopped_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

/// Asks before each call. The calls of a generation come one after another.
class Approver {
 public:
  Approver(std::stop_token stop, Output& output) : terminal_(std::move(stop)), output_(output) {}

  bool can_ask() const { return terminal_.is_there(); }
  void approve(std::string tool) { approved_.insert(std::move(tool)); }

  Approval decide(const PendingToolCall& pending) {
    const std::string& name = pending.call.name;
    if (approved_.contains(name)) return {};
    output_.show("");
    for (;;) {
      const std::optional<std::string> answer =
          terminal_.ask(base::visible("tachikoma: the model calls " + name + " " + pending.call.arguments +
                                      "\nrun it? [y]es, [n]o, [a]lways: "));
      if (answer == "a" || answer == "always") approve(name);
      if (answer == "y" || answer == "yes" || approved_.contains(name)) return {};
      if (!answer || *answer == "n" || *answer == "no")
        return {.granted = false, .reason = "the user does not allow this call"};
    }
  }

 private:
  Terminal terminal_;
  Output& output_;
  std::set<std::string> approved_;
};

Error no_such_tool(const std::string& id, const Config& config) {
  const std::vector<std::string> ids = base::texts_of(config.tools, &ComponentConfig::id);
  const std::string wrong =
      id.empty() ? "--tool needs the id of a tool" : "no tool '" + id + "' is configured";
  std::string hint = base::did_you_mean(base::nearest(id, ids));
  if (hint.empty() && !ids.empty()) hint = "the configuration has " + base::quoted_list(ids);
  if (ids.empty())
    hint =
        "add one to the configuration, such as 'tools: {echo: {}}'; `tachikoma plugin list` shows the "
        "plugins that have tools";
  return {id.empty() ? ErrorCode::invalid_argument : ErrorCode::config_invalid, wrong, std::move(hint),
          Value::object({{"key", id}})};
}

bool is_approved(const Config& config, const std::string& id) {
  return std::any_of(config.tools.begin(), config.tools.end(),
                     [&](const ComponentConfig& tool) { return tool.id == id && tool.approved; });
}

Error nobody_to_ask(const std::string& id) {
  return {ErrorCode::invalid_argument,
          "the calls of tool '" + id + "' have to be approved, and there is no terminal to ask on",
          "approve all of them with --yes, or with 'approved: true' for the tool in the configuration"};
}

}  // namespace

Status add_tools(const Runtime& runtime, const Options& options, TextRequest& request, Output& output) {
  if (options.tools.empty()) return Done{};
  const Config config = runtime.config();
  for (const std::string& id : options.tools)
    if (id.empty()) return no_such_tool(id, config);
  const auto approver = std::make_shared<Approver>(request.stop, output);
  for (const std::string& id : options.tools) {
    Result<std::shared_ptr<Tool>> tool = runtime.tool(id);
    if (!tool && !std::any_of(config.tools.begin(), config.tools.end(),
                              [&](const ComponentConfig& each) { return each.id == id; }))
      return no_such_tool(id, config);
    if (!tool) return std::move(tool).error();
    request.tools.add(*std::move(tool));
    if (is_approved(config, id))
      approver->approve(request.tools.entries().back().spec.name);
    else if (!options.yes && !options.dry_run && !approver->can_ask())
      return nobody_to_ask(id);
  }
  if (options.yes) return Done{};
  request.tool_rules.approve = [approver](const PendingToolCall& pending) {
    return approver->decide(pending);
  };
  return Done{};
}

}  // namespace tachikoma::cli
