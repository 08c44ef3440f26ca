// SPDX-License-Identifier: MIT
// usage: write-log FILE empty|one|many|hostile
// Writes a log of generations as the plugin sqlite_log would, for tests of what is shown of it.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "support/logged.hpp"

using namespace tachikoma;
using namespace std::chrono_literals;

namespace {

MonitorEvent answer(std::string model, double speed, int number) {
  const auto ms = [](double count) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double, std::milli>(count));
  };
  const double wave = 1 + 0.4 * std::sin(number / 9.0);
  MonitorEvent event;
  event.kind = MonitorEvent::Kind::finished;
  event.time = std::chrono::system_clock::time_point(1'600'000'000s) + number * 47min;
  event.provider = "lmstudio";
  event.model = std::move(model);
  event.usage.prompt_tokens = 400 + number % 300;
  event.usage.completion_tokens = 150 + number % 200;
  event.tokens_per_second = {speed * wave, Source::measured, "the clock"};
  event.time_to_first_token = {ms(9000 / speed / wave), Source::measured, "the clock"};
  event.elapsed = event.time_to_first_token.value + ms(250'000 / speed / wave);
  event.finish = Finish::stop;
  if (number % 40 == 0) event.displaced = {"lmstudio::other"};
  return event;
}

std::vector<MonitorEvent> many() {
  std::vector<MonitorEvent> events;
  for (int i = 0; i < 600; ++i) {
    if (i < 200 || i > 300) events.push_back(answer("openai/gpt-oss-20b", 60, i));
    if (i % 3 == 0) events.push_back(answer("mistral-7b", 110, i));
    if (i % 4 == 0) events.push_back(answer("qwen/qwen2.5-coder-32b-instruct-with-a-long-name-Q4_K_M", 9, i));
    if (i % 25 == 0) {
      events.push_back(testing::failed_event());
      events.back().time = events.front().time + i * 47min;
      events.back().provider = "lmstudio";
      events.back().model = "mistral-7b";
    }
  }
  return events;
}

std::vector<MonitorEvent> hostile() {
  std::vector<MonitorEvent> events;
  for (int i = 0; i < 20; ++i)
    events.push_back(answer("</script><script>window.hacked=1</script><img src=x onerror=window.hacked=2>" +
                                std::to_string(i) + std::string(200, 'w'),
                            20 + i, i));
  return events;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string kind = argv[2];
  std::vector<MonitorEvent> events;
  if (kind == "one") events = {answer("mistral-7b", 45, 1)};
  if (kind == "many") events = many();
  if (kind == "hostile") events = hostile();
  testing::write_log(argv[1], events);
}
