// SPDX-License-Identifier: MIT
// What a provider answers, and how.
#include <array>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/check.hpp"
#include "conformance/listener.hpp"
#include "conformance/resources.hpp"

namespace tachikoma::conformance {
namespace {

// An error that a caller can act on. "internal" is the host's own.
std::string fault_of(const Error& error) {
  if (error.code == ErrorCode::plugin_fault) return error.message;
  if (error.code == ErrorCode::internal)
    return "it fails with 'internal', which is for bugs: " + error.message;
  if (error.code == ErrorCode::plugin_refused || error.code == ErrorCode::schema_violation)
    return "it fails with '" + std::string(to_string(error.code)) + "', which only the host may say";
  return {};
}

// An answer or an error, either of which is right.
Verdict either(const std::string& name, const Result<ChatOutcome>& answer) {
  if (answer) return pass();
  const std::string fault = fault_of(answer.error());
  return fault.empty() ? pass() : fail(name + ": " + fault);
}

Verdict answers_or_says_why(const Subject& subject) {
  return each_provider(subject, [](const Asked& asked) {
    return either(asked.name, new_call(asked.model, "Hello").run(asked.provider));
  });
}

Verdict gives_reasons(const Subject& subject) {
  return each_provider(subject, [](const Asked& asked) {
    const Result<ChatOutcome> answer = new_call("no-such-model-" + asked.model, "Hello").run(asked.provider);
    if (answer) return pass();
    // where there are no words, the guard has its own
    return answer.error().message.find("failed and gave no reason") != std::string::npos
               ? fail(asked.name + " fails without a message")
               : either(asked.name, answer);
  });
}

Verdict says_something(const Subject& subject) {
  return each_answering(subject, [](const Asked& asked) {
    Call& call = new_call(asked.model, "Hello");
    const Result<ChatOutcome> answer = call.run(asked.provider);
    const bool said = answer && (call.listener.events() > 0 || answer->finish != Finish::unknown ||
                                 answer->usage.completion_tokens);
    return said || !answer ? pass() : fail(asked.name + " reports success, and says nothing");
  });
}

Verdict ends_for_a_reason(const Subject& subject) {
  return each_answering(subject, [](const Asked& asked) {
    const Result<ChatOutcome> answer = new_call(asked.model, "Hello").run(asked.provider);
    if (answer && answer->finish == Finish::cancelled)
      return fail(asked.name + " ends with Finish::cancelled, which only the host sets");
    return pass();
  });
}

Verdict sends_right_events(const Subject& subject) {
  return each_answering(subject, [](const Asked& asked) {
    Call& call = new_call(asked.model, "Hello, how are you?");
    (void)call.run(asked.provider);
    const std::string bad = call.listener.bad_event();
    return bad.empty() ? pass() : fail(asked.name + " sends " + bad);
  });
}

Verdict sends_whole_characters(const Subject& subject) {
  return each_answering(subject, [](const Asked& asked) {
    Call& call = new_call(asked.model,
                          "Gr\xC3\xBC\xC3\x9F"
                          "e \xF0\x9F\x99\x82 \xE6\x97\xA5\xE6\x9C\xAC");
    (void)call.run(asked.provider);
    return call.listener.bad_utf8() ? fail(asked.name + " sends text that is not UTF-8") : pass();
  });
}

Verdict stays_on_its_thread(const Subject& subject) {
  return each_answering(subject, [](const Asked& asked) {
    Call& call = new_call(asked.model, "Hello");
    (void)call.run(asked.provider);
    return call.listener.foreign_thread()
               ? fail(asked.name + " calls the sink on another thread than chat()'s")
               : pass();
  });
}

/// A provider that is silent for so long after a call is taken to stay silent.
constexpr std::chrono::milliseconds kQuiet{400};

// Without the host around it: what stands between a provider and its sink during a call is gone afterwards.
Verdict is_quiet_afterwards(const Subject& subject) {
  return each<Provider>(subject, [](const Candidate<Provider>& candidate) -> Verdict {
    const std::unique_ptr<plugins::ComponentHost> host = candidate.make_host();
    const Result<std::unique_ptr<Provider>> made = candidate.make_raw(*host);
    if (!made || !*made) return skip(candidate.name() + " can't be made");
    Call& call = new_call(choose_model(**made), "Hello");
    calling("chat() of " + candidate.name());
    const Result<ChatOutcome> answer =
        plugins::guarded(candidate.callee(), "chat", [&] { return call.run(**made); });
    if (!answer) return skip(candidate.name() + " does not answer: " + in_words(answer.error()));
    std::this_thread::sleep_for(kQuiet);
    return call.listener.late() > 0 ? fail(candidate.name() + " calls the sink after chat() has returned")
                                    : pass();
  });
}

Verdict keeps_to_its_memory(const Subject& subject) {
  return each_answering(subject, [](const Asked& asked) {
    Call& call = new_call(asked.model, "Hello");
    (void)call.run(asked.provider);
    if (!call.is_fenced()) return fail(asked.name + " writes beside the request");
    const bool same = call.request.model == asked.model && call.request.messages.size() == 1 &&
                      call.request.messages.front().text == "Hello";
    return same ? pass() : fail(asked.name + " changes the request");
  });
}

Verdict takes_messages(const Subject& subject, const std::string& text) {
  return each_provider(subject, [&](const Asked& asked) {
    return either(asked.name, new_call(asked.model, text).run(asked.provider));
  });
}

Verdict takes_empty_message(const Subject& subject) { return takes_messages(subject, ""); }
Verdict takes_large_message(const Subject& subject) {
  constexpr std::size_t kLarge = 1 << 20;
  return takes_messages(subject, std::string(kLarge, 'x'));
}
Verdict takes_strange_message(const Subject& subject) {
  return takes_messages(
      subject, std::string("\0\x01\x1B[2J\r\n\t\"\\\xE2\x80\xAE{\"a\":[", 20) + "%s%n</s><|im_end|>");
}

Verdict takes_no_messages(const Subject& subject) {
  return each_provider(subject, [&](const Asked& asked) {
    Call& call = new_call(asked.model, "");
    call.request.messages.clear();
    return either(asked.name, call.run(asked.provider));
  });
}

Verdict takes_whole_conversations(const Subject& subject) {
  return each_provider(subject, [&](const Asked& asked) {
    Call& call = new_call(asked.model, "And now?");
    std::vector<Message>& messages = call.request.messages;
    messages.insert(messages.begin(), {{.role = Role::system, .text = "Be brief."},
                                       {.text = "What time is it?"},
                                       {.role = Role::assistant, .tool_calls = {{"call-1", "clock", "{}"}}},
                                       {.role = Role::tool, .text = "12:00", .tool_call_id = "call-1"},
                                       {.role = Role::assistant, .text = "Noon."}});
    return either(asked.name, call.run(asked.provider));
  });
}

// Each alone: it is delivered, or refused by its name.
Verdict drops_no_setting(const Subject& subject) {
  return each_answering(subject, [](const Asked& asked) {
    Call& call = new_call(asked.model, "Hello");
    call.request.settings.extra = Value::object({{"no_such_field", true}});
    call.request.settings.seed = 7;
    const Result<ChatOutcome> answer = call.run(asked.provider);
    if (answer || answer.error().code != ErrorCode::unsupported) return either(asked.name, answer);
    const std::string text = answer.error().message + answer.error().hint;
    const bool named =
        text.find("no_such_field") != std::string::npos || text.find("seed") != std::string::npos;
    return named ? pass()
                 : fail(asked.name + " refuses a setting without naming it: " + answer.error().message);
  });
}

}  // namespace

std::span<const Check> provider_checks() {
  static constexpr std::array kChecks{
      Check{{"provider.answers", "it answers, or fails with an error that its caller can act on",
             "return an Error with a code of the contract; don't throw"},
            "component.several",
            answers_or_says_why},
      Check{{"provider.reason", "its errors say what is wrong",
             "say in the message what was found and what was expected"},
            "provider.answers",
            gives_reasons},
      Check{{"provider.content", "success is more than nothing",
             "return an error of code 'protocol' if the server says nothing at all"},
            "provider.answers",
            says_something},
      Check{{"provider.finish", "it says why an answer ended, as far as it knows",
             "use stop, length, tool_calls, content_filter or unknown"},
            "provider.answers",
            ends_for_a_reason},
      Check{{"provider.events", "its events are what they can be",
             "send no delta without text; use the channels and kinds there are"},
            "provider.answers",
            sends_right_events},
      Check{{"provider.utf8", "its text is UTF-8, in whole characters",
             "keep the start of a character back until the rest of it has come"},
            "provider.answers",
            sends_whole_characters},
      Check{{"provider.thread", "it calls the sink on the thread of chat(), one call at a time",
             "pass events on in chat() itself; another thread may only fill a queue"},
            "provider.answers",
            stays_on_its_thread},
      Check{{"provider.returned", "it does not call the sink after chat() has returned",
             "join what works for a call before the call returns"},
            "provider.answers",
            is_quiet_afterwards},
      Check{{"provider.memory", "it leaves the request, and what lies beside it, alone",
             "the request is const: copy what you want to change"},
            "provider.answers",
            keeps_to_its_memory},
      Check{{"provider.empty", "it takes a message without text", "send it, or return invalid_argument"},
            "provider.answers",
            takes_empty_message},
      Check{{"provider.large", "it takes a message of a megabyte", "send it, or return context_too_long"},
            "provider.answers",
            takes_large_message},
      Check{{"provider.strange", "it takes a message of control characters and markup",
             "escape what you send; use no text of a message as a format or as a command"},
            "provider.answers",
            takes_strange_message},
      Check{
          {"provider.nothing", "it takes a request without messages", "send it, or return invalid_argument"},
          "provider.answers",
          takes_no_messages},
      Check{{"provider.conversation", "it takes a conversation with calls of tools",
             "send it, or return unsupported"},
            "provider.answers",
            takes_whole_conversations},
      Check{{"provider.settings", "it delivers a setting, or refuses it by its name",
             "return unsupported, with the name of the setting in the message"},
            "provider.answers",
            drops_no_setting},
  };
  return kChecks;
}

}  // namespace tachikoma::conformance
