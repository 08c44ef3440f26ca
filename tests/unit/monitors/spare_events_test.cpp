// SPDX-License-Identifier: MIT
#include "monitors/spare_events.hpp"

#include "support/catch.hpp"

using namespace tachikoma;

namespace {

const std::string kSpareText = "a text that is too long to be in the string itself";

MonitorEvent full_event() {
  MonitorEvent event;
  event.kind = MonitorEvent::Kind::failed;
  event.time = std::chrono::system_clock::time_point(std::chrono::seconds(1));
  event.request_id = event.provider = event.model = event.served_model = event.server = kSpareText;
  event.elapsed = event.queue_time = event.load_time = event.decode_time = std::chrono::seconds(1);
  event.displaced = {kSpareText};
  event.steps = event.retries = event.fallbacks = 2;
  event.tool_uses = {{kSpareText}};
  event.cached = true;
  event.error = Error(ErrorCode::internal, kSpareText);
  event.time_to_first_token = {std::chrono::seconds(1), Source::measured, kSpareText};
  event.tokens_per_second = event.prompt_tokens_per_second = {1.0, Source::measured, kSpareText};
  event.usage.prompt_tokens = 1;
  event.finish = Finish::stop;
  event.extra = Value::object({{"a", 1}});
  event.asked = event.answered = {{.role = Role::user, .text = kSpareText}};
  return event;
}

}  // namespace

TEST_CASE("an event that is used again is as new", "[monitors]") {
  const auto spare = std::make_shared<monitors::SpareEvents>();
  std::shared_ptr<MonitorEvent> event = spare->take();
  const MonitorEvent* const before = event.get();
  *event = full_event();
  event.reset();
  event = spare->take();
  REQUIRE(event.get() == before);
  const MonitorEvent fresh;
  CHECK(event->kind == fresh.kind);
  CHECK(event->time == fresh.time);
  CHECK(event->request_id + event->provider + event->model + event->served_model + event->server == "");
  CHECK(event->elapsed + event->queue_time + event->load_time + event->decode_time ==
        std::chrono::seconds(0));
  CHECK(event->displaced.empty());
  CHECK(event->steps == fresh.steps);
  CHECK(event->retries + event->fallbacks == 0);
  CHECK(event->tool_uses.empty());
  CHECK_FALSE(event->cached);
  CHECK(event->error.code == fresh.error.code);
  CHECK(event->error.message.empty());
  CHECK(event->time_to_first_token == fresh.time_to_first_token);
  CHECK(event->tokens_per_second == fresh.tokens_per_second);
  CHECK(event->prompt_tokens_per_second == fresh.prompt_tokens_per_second);
  CHECK(event->usage == fresh.usage);
  CHECK(event->finish == fresh.finish);
  CHECK(event->extra.is_null());
  CHECK(event->asked.empty());
  CHECK(event->answered.empty());
}

TEST_CASE("an event may outlive the hub that made it", "[monitors]") {
  auto spare = std::make_shared<monitors::SpareEvents>();
  const std::shared_ptr<MonitorEvent> event = spare->take();
  const std::weak_ptr<monitors::SpareEvents> hub = spare;
  spare.reset();
  CHECK_FALSE(hub.expired());
  event->model = kSpareText;
}
