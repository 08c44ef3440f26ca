// SPDX-License-Identifier: MIT
// `ask --stream-json --schema` printed the whole object again at each token: the output grew with the square
// of the answer, and so did the search for the names of an object's members.
#include <string>

#include "base/json.hpp"
#include "base/partial_json.hpp"
#include "generate/structured_output.hpp"
#include "support/catch.hpp"

using namespace tachikoma;

namespace {

struct Shown {
  std::size_t bytes = 0;  // of all partial objects, as they are printed
  std::size_t times = 0;
  std::string last;
};

// The answer comes in pieces of four bytes.
Shown show_partials(const std::string& answer, const Value& schema = Value(true)) {
  Shown shown;
  const AskForObject ask = [&](TextRequest, const DeltaCallback& on_delta) -> Result<Reply> {
    for (std::size_t at = 0; at < answer.size(); at += 4)
      on_delta({.content = std::string_view(answer).substr(at, 4)});
    return Reply{.text = answer, .finish = Finish::stop};
  };
  generate_object(ask, {.messages = {user("hi")}}, schema, [&](const Value& partial) {
    shown.last = base::to_json(partial);
    shown.bytes += shown.last.size();
    ++shown.times;
    return Flow::proceed;
  }).value();
  return shown;
}

std::string list_of(std::size_t items) {
  std::string text = "[";
  for (std::size_t i = 0; i < items; ++i) text += (i ? "," : "") + std::to_string(100000 + i);
  return text + "]";
}

std::string object_of(std::size_t members) {
  std::string text = "{";
  for (std::size_t i = 0; i < members; ++i) text += (i ? ",\"m" : "\"m") + std::to_string(i) + "\":1";
  return text + "}";
}

}  // namespace

TEST_CASE("what is shown of a growing object grows in proportion to it", "[objects]") {
  for (const auto& make :
       {list_of, object_of, +[](std::size_t n) { return "{\"t\":\"" + std::string(6 * n, 'x') + "\"}"; },
        +[](std::size_t n) { return "[" + list_of(n / 2) + "," + object_of(n / 2) + "]"; }}) {
    const Shown once = show_partials(make(4000));
    const Shown twice = show_partials(make(8000));
    CHECK(twice.bytes < 5 * once.bytes / 2);
    CHECK(once.bytes < 40 * make(4000).size());
  }
}

TEST_CASE("a small object is shown at every change, and the whole one last", "[objects]") {
  const Shown shown = show_partials(R"({"a":"xx","b":1})");
  CHECK(shown.times >= 3);
  CHECK(shown.last == R"({"a":"xx","b":1})");
  const std::string large = list_of(3000);
  CHECK(show_partials(large).last == large);
}

TEST_CASE("an object of any number of members is read in time", "[objects]") {
  base::PartialJson json;
  json.push(object_of(300'000));
  CHECK(json.complete());
  CHECK(json.value().members().size() == 300'000);
}
