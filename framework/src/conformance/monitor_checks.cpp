// SPDX-License-Identifier: MIT
// What a monitor does with the events of generations.
#include <array>
#include <memory>

#include "conformance/check.hpp"
#include "conformance/resources.hpp"

namespace tachikoma::conformance {
namespace {

/// A monitor without the guard of the host, which would hide what it throws.
struct Watched {
  Monitor& monitor;
  plugins::Callee who;
  std::string name;  ///< "monitor 'journal'"

  Status tell(const MonitorEvent& event) const {
    calling("on_event() of " + name);
    return plugins::guarded(who, "on_event", [&]() -> Status {
      monitor.on_event(event);
      return Done{};
    });
  }
  Status flush() const {
    calling("flush() of " + name);
    return plugins::guarded(who, "flush", [&] { return monitor.flush(); });
  }
};

template <class Judge>
Verdict each_monitor(const Subject& subject, const Judge& judge) {
  return each<Monitor>(subject, [&](const Candidate<Monitor>& candidate) -> Verdict {
    const auto host = candidate.make_host();
    const auto made = candidate.make_raw(*host);
    if (!made) return skip(candidate.name() + " can't be made: " + in_words(made.error()));
    return judge(Watched{**made, candidate.callee(), candidate.name()});
  });
}

MonitorEvent event_of(MonitorEvent::Kind kind) {
  MonitorEvent event{.kind = kind,
                     .time = std::chrono::system_clock::now(),
                     .request_id = "check-1",
                     .provider = "checked",
                     .model = "model"};
  if (kind == MonitorEvent::Kind::failed) event.error = Error(ErrorCode::unreachable, "nobody answers");
  if (kind != MonitorEvent::Kind::finished) return event;
  event.usage = {.prompt_tokens = 3, .completion_tokens = 5};
  event.finish = Finish::stop;
  event.tokens_per_second = {.value = 12.5, .source = Source::measured, .basis = "a clock"};
  event.tool_uses = {{.name = "clock"}};
  event.extra = Value::object({{"odd", Value::array({1, "two", Value()})}});
  return event;
}

constexpr std::array kKinds{MonitorEvent::Kind::started, MonitorEvent::Kind::first_token,
                            MonitorEvent::Kind::finished, MonitorEvent::Kind::failed};

Verdict tell_all(const Watched& watched, const std::vector<MonitorEvent>& events) {
  for (const MonitorEvent& event : events)
    if (const Status told = watched.tell(event); !told) return fail(told.error().message);
  return pass();
}

Verdict takes_events(const Subject& subject) {
  return each_monitor(subject, [](const Watched& watched) {
    std::vector<MonitorEvent> events;
    for (const MonitorEvent::Kind kind : kKinds) events.push_back(event_of(kind));
    return tell_all(watched, events);
  });
}

Verdict takes_strange_events(const Subject& subject) {
  return each_monitor(subject, [](const Watched& watched) {
    MonitorEvent strange = event_of(MonitorEvent::Kind::finished);
    strange.request_id = "\"\n'; drop table generations; --";
    strange.model = std::string(100'000, 'm');
    strange.served_model = std::string("\0\x1b[2J\xF0\x9F\x99\x82", 9);
    MonitorEvent bare;
    bare.kind = MonitorEvent::Kind::finished;
    return tell_all(watched, {bare, strange});
  });
}

Verdict flushes(const Subject& subject) {
  return each_monitor(subject, [](const Watched& watched) {
    for (const bool told : {false, true}) {
      if (told)
        if (const Status seen = watched.tell(event_of(MonitorEvent::Kind::finished)); !seen)
          return fail(seen.error().message);
      const Status flushed = watched.flush();
      if (!flushed && flushed.error().code == ErrorCode::plugin_fault) return fail(flushed.error().message);
    }
    return pass();
  });
}

Verdict wants_alike(const Subject& subject) {
  return each_monitor(subject, [](const Watched& watched) {
    calling("wants_content() of " + watched.name);
    const auto ask = [&] {
      return plugins::guarded(watched.who, "wants_content",
                              [&] { return Result<bool>(watched.monitor.wants_content()); });
    };
    const Result<bool> first = ask(), second = ask();
    if (!first || !second) return fail((first ? second : first).error().message);
    return *first == *second ? pass() : fail(watched.name + " wants content at one time, and not at another");
  });
}

Verdict monitor_leaves_no_memory(const Subject& subject) {
  return each_monitor(subject, [](const Watched& watched) {
    const MonitorEvent event = event_of(MonitorEvent::Kind::finished);
    const auto use = [&] {
      const Status told = watched.tell(event);
      return told ? watched.flush() : Status(told.error());
    };
    if (const Status written = use(); !written)
      return skip(watched.name + " can't write out events: " + in_words(written.error()));
    const Verdict verdict = judge_memory([&] { (void)use(); }, "an event");
    return verdict.status == CheckStatus::fail ? fail(watched.name + ": " + verdict.reason) : verdict;
  });
}

}  // namespace

std::span<const Check> monitor_checks() {
  static constexpr std::array kChecks{
      Check{{"monitor.events", "it takes events of each kind", "don't throw: log what can't be written"},
            "component.several",
            takes_events},
      Check{{"monitor.strange", "it takes events with little, with much and with odd text in them",
             "escape what you write; expect each text to be empty, or long"},
            "monitor.events",
            takes_strange_events},
      Check{{"monitor.flush", "it writes out what it holds back, or says why it can't",
             "return an Error from flush(); don't throw, and wait for nobody"},
            "monitor.events",
            flushes},
      Check{{"monitor.content", "it knows whether it wants to be told what was said",
             "give the same from wants_content() each time: the host asks once"},
            "monitor.events",
            wants_alike},
      Check{{"monitor.memory", "events leave no memory allocated once they are written out",
             "forget an event when it is written"},
            "monitor.events",
            monitor_leaves_no_memory},
  };
  return kChecks;
}

}  // namespace tachikoma::conformance
