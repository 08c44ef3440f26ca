// SPDX-License-Identifier: MIT
#include "chat_turn.hpp"

#include <functional>
#include <utility>

#include "answer.hpp"
#include "chat_status.hpp"
#include "prompt.hpp"
#include "read_text.hpp"
#include "saved_chats.hpp"

#include <tachikoma/json.hpp>

namespace tachikoma::cli {
namespace {

using Ask = std::function<Result<Reply>(const DeltaCallback&, std::stop_token)>;

// From the first turn on: nothing is written for a chat without one.
void keep(Chat& chat) {
  chat.has_new_turn = true;
  if (!chat.saves || !chat.conversation.file().empty()) return;
  if (const Status kept = SavedChats::keep(chat.conversation); !kept) {
    chat.saves = false;
    chat.output.warn("this chat is not saved: " + kept.error().message);
  }
}

bool has_shown(const Error& error) {
  const Value& partial = error.detail["partial"];
  return !partial["text"].as_string().empty() || !partial["messages"].elements().empty();
}

// True if something stays in the chat.
bool end_stopped(Chat& chat, const Error& error) {
  const bool kept = has_shown(error);
  if (kept) keep(chat);
  if (chat.options.json)
    chat.output.fail(error);
  else
    chat.output.say(kept ? "(stopped; what was shown stays in the chat)"
                         : "(stopped; this turn is forgotten)");
  return kept;
}

void end_answered(Chat& chat, Reply reply) {
  keep(chat);
  if (chat.options.json) {
    chat.output.print_json("reply", to_value(reply));
  } else {
    print_notices(chat.output, reply, chat.think);
    if (chat.options.usage) chat.output.say(usage_line(reply.usage, reply.metrics));
  }
  chat.prompt_tokens += reply.usage.prompt_tokens.value_or(0);
  chat.completion_tokens += reply.usage.completion_tokens.value_or(0);
  chat.last = std::move(reply);
  if (chat.on_terminal && !chat.options.json) show_status(chat);
}

// Everything of an answer's text goes through the printer. True if the turn is in the chat.
bool run_turn(Chat& chat, const Ask& ask) {
  AnswerPrinter printer(chat.output, chat.think, chat.options.raw);
  StopOnInterrupt stop(chat.interrupts);
  const auto print = [&](const Delta& delta) {
    if (chat.options.json) return chat.output.closed() ? Flow::stop : Flow::proceed;
    return printer.print(delta);
  };
  Result<Reply> reply = ask(print, stop.token());
  printer.finish();
  if (chat.output.closed()) return false;
  if (reply) {
    end_answered(chat, *std::move(reply));
    return true;
  }
  if (stop.interrupted()) return end_stopped(chat, reply.error());
  fail_turn(chat, reply.error());
  return false;
}

}  // namespace

void send_message(Chat& chat, std::string text) {
  if (!is_text(text)) return fail_turn(chat, {ErrorCode::invalid_argument, "this turn is not UTF-8 text"});
  Message message = chat.attached;
  message.role = Role::user;
  message.text = std::move(text);
  add_part(message.text, chat.attached.text);
  const bool said = run_turn(chat, [&](const DeltaCallback& print, std::stop_token stop) {
    return chat.conversation.stream(std::vector<Message>{message}, print, std::move(stop));
  });
  if (said) chat.attached = {};
}

void answer_again(Chat& chat) {
  run_turn(chat, [&](const DeltaCallback& print, std::stop_token stop) {
    return chat.conversation.retry(print, std::move(stop));
  });
}

}  // namespace tachikoma::cli
