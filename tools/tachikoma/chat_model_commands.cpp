// SPDX-License-Identifier: MIT
// The slash commands on models and servers.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/lists.hpp"
#include "base/not_found.hpp"
#include "base/try.hpp"
#include "chat_actions.hpp"
#include "models.hpp"
#include "programs.hpp"
#include "progress.hpp"
#include "ps.hpp"
#include "table.hpp"

namespace tachikoma::cli {
namespace {

// Who switches waits for the model now, not at the next question. A script does not: it loads with that.
Status load(Chat& chat, std::string_view name) {
  StopOnInterrupt stop(chat.interrupts);
  TACHIKOMA_TRY(const ResolvedModel model, chat.runtime.models().resolve(name, stop.token()));
  if (!chat.on_terminal || model.state != ModelState::not_loaded) return Done{};
  Progress progress(chat.output, "loading " + std::string(name), chat.options.json);
  const auto show = [&](const LoadEvent& event) {
    if (event.notice.empty()) progress.at(event.fraction);
    return Flow::proceed;
  };
  const Result<LoadedModel> loaded = chat.runtime.load_model(name, {}, show, stop.token());
  if (loaded || loaded.error().code == ErrorCode::unsupported) return Done{};
  return loaded.error();
}

Value tool_value(const ToolSpec& spec, const std::string& id, bool used) {
  return Value::object({{"id", id}, {"name", spec.name}, {"description", spec.description}, {"used", used}});
}

void list_tools(Chat& chat) {
  std::vector<std::vector<std::string>> rows{{"ID", "USED", "DESCRIPTION"}};
  Value::Array tools;
  for (const ComponentConfig& entry : chat.runtime.config().tools) {
    const Result<std::shared_ptr<Tool>> tool = chat.runtime.tool(entry.id);
    const ToolSpec spec = tool ? (*tool)->spec() : ToolSpec{.description = tool.error().message};
    const bool used = std::find(chat.tools.begin(), chat.tools.end(), entry.id) != chat.tools.end();
    rows.push_back({entry.id, used ? "yes" : "no", spec.description});
    tools.push_back(tool_value(spec, entry.id, used));
  }
  if (chat.options.json) return chat.output.print_json("tools", Value::object({{"tools", std::move(tools)}}));
  if (rows.size() == 1) return chat.output.say("tachikoma: the configuration has no tools");
  chat.output.print_foreign(table(rows, {.names = {0}, .prose = 2}, chat.output.room()));
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t\n,", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t\n,", at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

void use_model(Chat& chat, std::string_view name) {
  if (name.empty()) {
    const std::string now = model_name(chat);
    if (!chat.options.json)
      chat.output.print_foreign("model: " + (now.empty() ? "none is chosen yet" : now) + "\n");
    return list_models(chat, {});
  }
  if (const Status loaded = load(chat, name); !loaded) return (void)chat.output.fail(loaded.error());
  if (const Status used = chat.conversation.use_model(name); !used)
    return (void)chat.output.fail(used.error());
  report(chat, chat.conversation.model() + " answers from here on");
}

void list_models(Chat& chat, std::string_view) {
  StopOnInterrupt stop(chat.interrupts);
  const ModelListing listing = chat.runtime.models().list(stop.token());
  print_models(listing, chat.options, chat.output);
  for (const ModelListing::Failure& failure : listing.failures) chat.output.fail(failure.error);
}

void list_memory(Chat& chat, std::string_view) {
  show_memory(chat.runtime, running_programs(chat.output), chat.interrupts, chat.options, chat.output);
}

void use_tools(Chat& chat, std::string_view ids) {
  if (ids.empty()) return list_tools(chat);
  std::vector<std::string> named = ids == "none" ? std::vector<std::string>() : words_of(ids);
  Result<ToolKit> tools = tool_kit(chat.runtime, named);
  if (!tools) return (void)chat.output.fail(tools.error());
  chat.conversation.tools = *std::move(tools);
  chat.tools = std::move(named);
  report(chat, chat.tools.empty() ? "the model may call no tool"
                                  : "the model may call " + base::quoted_list(chat.tools, " and "));
}

// What is asked runs on with what it began with; the rest of the chat goes on with what the file says now.
void reload(Chat& chat, std::string_view option) {
  const bool plans = option == "--dry-run";
  if (!option.empty() && !plans)
    return (void)chat.output.fail({ErrorCode::invalid_argument,
                                   "unknown option '" + std::string(option) + "' of /reload",
                                   "as in: /reload --dry-run"});
  const Result<Reload> reload = plans ? chat.runtime.plan_reload() : chat.runtime.reload();
  if (!reload) return (void)chat.output.fail(reload.error());
  chat.output.say("tachikoma: " + chat.runtime.config().file +
                  (plans ? " would be read again:" : " was read again:"));
  for (const std::string& line : describe(*reload)) chat.output.say("  " + line);
  if (chat.options.json) chat.output.print_json("reload", to_value(*reload));
}

}  // namespace tachikoma::cli
