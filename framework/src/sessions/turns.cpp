// SPDX-License-Identifier: MIT
#include "sessions/turns.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "generate/history.hpp"

namespace tachikoma::sessions {
namespace {

bool waits_for(const std::vector<Message>& history, const Message& result) {
  const auto step = std::find_if(history.rbegin(), history.rend(),
                                 [](const Message& message) { return message.role != Role::tool; });
  const auto answers = [&](const Message& message) { return message.tool_call_id == result.tool_call_id; };
  return step != history.rend() && std::none_of(history.rbegin(), step, answers) &&
         std::any_of(step->tool_calls.begin(), step->tool_calls.end(),
                     [&](const ToolCall& call) { return call.id == result.tool_call_id; });
}

}  // namespace

std::size_t count_system_prompts(const std::vector<Message>& messages) {
  const auto first = std::find_if(messages.begin(), messages.end(),
                                  [](const Message& message) { return message.role != Role::system; });
  return static_cast<std::size_t>(first - messages.begin());
}

std::vector<std::size_t> turn_starts(const std::vector<Message>& messages) {
  const std::size_t first = count_system_prompts(messages);
  std::vector<std::size_t> starts;
  for (std::size_t at = first; at < messages.size(); ++at)
    if (at == first || messages[at].role == Role::user) starts.push_back(at);
  return starts;
}

Result<std::vector<Message>> with_turn(const std::vector<Message>& history, std::vector<Message> turn) {
  if (turn.empty())
    return Error(ErrorCode::invalid_argument, "the turn has no message",
                 "give at least one: {user(\"Hello\")}");
  std::vector<Message> told = history;
  auto next = turn.begin();
  for (; next != turn.end() && next->role == Role::tool; ++next) {
    if (!waits_for(told, *next))
      return Error(ErrorCode::invalid_argument,
                   "no call '" + next->tool_call_id + "' waits for a result in this conversation",
                   "give one result for each of the last reply's 'tool_calls', with its id");
    told.push_back(std::move(*next));
  }
  generate::answer_last_calls(told);
  for (; next != turn.end(); ++next) {
    if (next->role != Role::user)
      return Error(
          ErrorCode::invalid_argument,
          "a turn has messages of the user's, after results of calls if there are any; this one is " +
              std::string(to_string(next->role)) + "'s");
    told.push_back(std::move(*next));
  }
  return told;
}

bool add_reply(std::vector<Message>& history, const Reply& reply) {
  if (reply.finish == Finish::cancelled && generate::acceptable_history(reply.messages).empty()) return false;
  history.insert(history.end(), reply.messages.begin(), reply.messages.end());
  if (reply.tool_calls.empty()) generate::answer_last_calls(history);
  return true;
}

bool add_partial_reply(std::vector<Message>& history, const Error& error) {
  const Value& partial = error.detail["partial"];
  if (error.code != ErrorCode::cancelled || !partial.is_object()) return false;
  Reply reply{.finish = Finish::cancelled};
  for (const Value& form : partial["messages"].elements())
    if (Result<Message> message = from_value<Message>(form)) reply.messages.push_back(*std::move(message));
  if (reply.messages.empty()) reply.messages.push_back(assistant(std::string(partial["text"].as_string())));
  return add_reply(history, reply);
}

Result<std::vector<Message>> up_to_last_question(const std::vector<Message>& messages) {
  const auto last = std::find_if(messages.rbegin(), messages.rend(),
                                 [](const Message& message) { return message.role == Role::user; });
  if (last == messages.rend())
    return Error(ErrorCode::invalid_argument, "there is no question that could be answered once more",
                 "ask one first");
  return std::vector<Message>(messages.begin(), last.base());
}

}  // namespace tachikoma::sessions
