// SPDX-License-Identifier: MIT
#include "calls/cassette.hpp"

#include <string>
#include <vector>

#include "async/cancellation.hpp"
#include "base/json.hpp"
#include "calls/cassette_diff.hpp"
#include "calls/recorded_provider.hpp"
#include "calls/replayed_provider.hpp"
#include "support/async_chat.hpp"
#include "support/catch.hpp"
#include "support/fake_provider.hpp"
#include "support/recording_sink.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using calls::Cassette;
using calls::CassetteWriter;
using calls::RecordedProvider;
using calls::ReplayedProvider;

namespace {

ChatRequest request(const std::string& text, const std::string& model = "m") {
  return {.model = model, .messages = {{.role = Role::user, .text = text}}};
}

/// A cassette of a fake, and its replays.
struct Studio {
  TempDir folder;
  std::string file = (folder.path() / "c.jsonl").string();
  std::vector<std::string> secrets = {};
  std::shared_ptr<FakeProvider> fake = std::make_shared<FakeProvider>();
  std::vector<std::string> warnings = {};

  std::shared_ptr<RecordedProvider> recorder() {
    const auto writer = CassetteWriter::open(file, calls::head_of(*fake, "fake", "echo"), secrets).value();
    return std::make_shared<RecordedProvider>(fake, writer);
  }
  std::shared_ptr<ReplayedProvider> replay(ReplayConfig how = {}) {
    return std::make_shared<ReplayedProvider>(
        Cassette::read(file).value(), how, secrets,
        [this](Severity, std::string_view, std::string_view text) { warnings.emplace_back(text); });
  }
};

/// What a chat gave, as text.
std::string said(Provider& provider, const ChatRequest& asked, Driver driver = Driver::blocking) {
  CallCancellation cancellation;
  RecordingSink sink;
  const Result<ChatOutcome> outcome = testing::chat(provider, driver, asked, sink, CallContext{cancellation});
  return sink.lines + describe(outcome);
}

/// Says every kind of event, and one outcome with every member.
Result<ChatOutcome> everything(const ChatRequest&, ChatSink& sink, const CallContext&) {
  using Kind = ChatEvent::Kind;
  sink.on_event({.kind = Kind::progress, .fraction = 0.25, .text = "load"});
  sink.on_event({.text = "it thinks"});
  sink.on_event({.kind = Kind::rechannel, .channel = Channel::thinking});
  sink.on_event({.channel = Channel::analysis, .text = "h\u00e9"});
  sink.on_event({.kind = Kind::tool_call, .index = 1, .text = "{\"a\":\xC3", .id = "c1", .name = "add"});
  sink.on_event({.kind = Kind::tool_call, .index = 1, .text = "\xA9}"});
  sink.on_event({.kind = Kind::notice, .text = "adjusted"});
  return ChatOutcome{.finish = Finish::tool_calls,
                     .usage = {.prompt_tokens = 3, .completion_tokens = 0, .cached_tokens = 1},
                     .served_model = "m@q4",
                     .extra = Value::object({{"seed", 7}, {"x", Value::object()}}),
                     .tokens_per_second = {12.5, Source::reported, "fake"}};
}

Result<ChatOutcome> echo(const ChatRequest& asked, ChatSink& sink, const CallContext&) {
  sink.on_event({.text = asked.messages.back().text});
  return ChatOutcome{.finish = Finish::stop};
}

std::string cut(const std::string& text, std::size_t size) { return text.substr(0, size); }

}  // namespace

TEST_CASE("a replay says event by event what was recorded, whichever way it was asked", "[cassette]") {
  const Driver driver = GENERATE(Driver::blocking, Driver::async);
  Studio studio;
  studio.fake->offers_async = true;
  studio.fake->on_chat = everything;
  const std::string live = said(*studio.recorder(), request("hi"), driver);
  CHECK(live == said(*studio.fake, request("hi")));
  CHECK(said(*studio.replay(), request("hi")) == live);
  CHECK(studio.warnings.empty());
}

TEST_CASE("a replay fails as the recorded call did", "[cassette]") {
  const bool fails_at_start = GENERATE(true, false);
  Studio studio;
  studio.fake->offers_async = true;
  Error failure(ErrorCode::rate_limited, "too many", "wait", Value::object({{"retry_after_ms", 5}}));
  failure.http_status = 429;
  if (fails_at_start)
    studio.fake->on_start = [&] { return Status(failure); };
  else
    studio.fake->on_chat = [&](const ChatRequest&, ChatSink& sink, const CallContext&) {
      sink.on_event({.text = "half"});
      return Result<ChatOutcome>(failure);
    };
  const std::string live = said(*studio.recorder(), request("hi"), Driver::async);
  CHECK(said(*studio.replay(), request("hi")) == live);
  CHECK(live.find("too many") != std::string::npos);
}

TEST_CASE("lists of models are answered in the recorded order, then with the last one", "[cassette]") {
  Studio studio;
  studio.fake->models = {
      {.key = "m", .instances = {{"m:2", {4096, Source::reported, "fake"}}}, .vision = false}};
  studio.fake->lists_all = false;
  CallCancellation cancellation;
  const CallContext context{cancellation};
  const auto list = [&](Provider& of) {
    auto* const catalog = static_cast<ModelCatalog*>(of.capability(ModelCatalog::kId));
    const auto models = catalog->list_models(context).value();
    return base::to_json(calls::answer_form(models));
  };
  const auto recorder = studio.recorder();
  const std::string first = list(*recorder);
  studio.fake->models.push_back({.key = "n"});
  const std::string second = list(*recorder);
  CHECK(said(*recorder, request("hi", "m:2")).find("stop") != std::string::npos);
  const auto replay = studio.replay();
  CHECK(list(*replay) == first);
  CHECK(list(*replay) == second);
  CHECK(list(*replay) == second);
  CHECK_FALSE(static_cast<ModelCatalog*>(replay->capability(ModelCatalog::kId))->lists_every_model());
  CHECK(replay->capability(Embedder::kId) == nullptr);
  // the instance is one of `m`, by whichever name it is asked
  CHECK(said(*replay, request("hi", "m")).find("stop") != std::string::npos);
}

TEST_CASE("a strict replay refuses another request, and shows what differs", "[cassette]") {
  Studio studio;
  studio.fake->on_chat = echo;
  const auto recorder = studio.recorder();
  said(*recorder, request("one"));
  ChatRequest two = request("What is the capital of France, and how many people live there now?");
  two.settings.temperature = 0.5;
  two.messages[0].images = {{"image/png", "bytes"}};
  said(*recorder, two);
  const auto replay = studio.replay();
  said(*replay, request("one"));
  ChatRequest other = two;
  other.messages[0].text = "What is the capital of France, and how many people live here now?";
  other.messages[0].images[0].bytes = "other";
  other.settings.temperature.reset();
  other.tool_choice = ToolChoice{};
  const std::string refused = said(*replay, other);
  INFO(refused);
  CHECK(refused.find("request 2 is not the one that is recorded at " + studio.file + ":3:") !=
        std::string::npos);
  CHECK(refused.find("messages[0].text: recorded …\"and how many people live") == std::string::npos);
  CHECK(refused.find("settings.temperature: recorded 0.5, asked nothing") != std::string::npos);
  CHECK(refused.find("tool_choice: recorded nothing, asked \"automatic\"") != std::string::npos);
  CHECK(refused.find("messages[0].images[0].hash: recorded ") != std::string::npos);
  CHECK(refused.find("record again") != std::string::npos);
  // it may still be asked what it has
  CHECK(said(*replay, two).find("capital") != std::string::npos);
  CHECK(said(*replay, request("three")).find("has 2 requests, and this is one more") != std::string::npos);
}

TEST_CASE("a strict replay warns at its end of what was not asked", "[cassette]") {
  Studio studio;
  studio.fake->on_chat = echo;
  const auto recorder = studio.recorder();
  for (const char* text : {"one", "two", "three"}) said(*recorder, request(text));
  said(*studio.replay(), request("one"));
  REQUIRE(studio.warnings.size() == 1);
  CHECK(studio.warnings[0] ==
        "the end of the cassette '" + studio.file + "', from line 3 on, was not asked for: 2 requests");
  studio.replay({.match = ReplayConfig::Match::loose});
  CHECK(studio.warnings.size() == 1);
}

TEST_CASE("a loose replay answers in any order, repetitions in the recorded one", "[cassette]") {
  Studio studio;
  int count = 0;
  studio.fake->on_chat = [&](const ChatRequest& asked, ChatSink& sink, const CallContext&) {
    sink.on_event({.text = asked.messages.back().text});
    return Result<ChatOutcome>(ChatOutcome{.finish = Finish::stop, .usage = {.prompt_tokens = ++count}});
  };
  const auto recorder = studio.recorder();
  const std::string a1 = said(*recorder, request("a")), b = said(*recorder, request("b")),
                    a2 = said(*recorder, request("a"));
  const auto replay = studio.replay({.match = ReplayConfig::Match::loose});
  CHECK(said(*replay, request("b")) == b);
  CHECK(said(*replay, request("a")) == a1);
  CHECK(said(*replay, request("a")) == a2);
  CHECK(said(*replay, request("a")) == a2);
  const std::string unknown = said(*replay, request("c"));
  CHECK(unknown.find("no such request; the most similar one is at " + studio.file + ":2:") !=
        std::string::npos);
  CHECK(unknown.find("messages[0].text: recorded \"a\", asked \"c\"") != std::string::npos);
}

TEST_CASE("no secret is in a cassette, not even one that an answer told in pieces", "[cassette]") {
  Studio studio;
  studio.secrets = {"sk-very-secret", "tok en"};
  studio.fake->on_chat = [](const ChatRequest&, ChatSink& sink, const CallContext&) {
    for (const char* piece : {"your key is sk-ve", "ry-", "secret!", " tok en"})
      sink.on_event({.text = piece});
    sink.on_event({.kind = ChatEvent::Kind::tool_call, .text = "{\"k\":\"sk-very", .id = "sk-very-secret"});
    sink.on_event({.kind = ChatEvent::Kind::tool_call, .text = "-secret\"}"});
    return Result<ChatOutcome>(Error(ErrorCode::unauthenticated, "wrong key sk-very-secret",
                                     "see http://u:pass@h/?key=abcdef",
                                     Value::object({{"got", "sk-very-secret"}})));
  };
  said(*studio.recorder(), request("my key: sk-very-secret"));
  const std::string text = read_file(studio.file);
  for (const char* part : {"sk-ve", "secret", "tok en", "u:pass", "abcdef"}) {
    INFO(part);
    CHECK(text.find(part) == std::string::npos);
  }
  const std::string replayed = said(*studio.replay(), request("my key: sk-very-secret"));
  CHECK(replayed.find("your key is •••") != std::string::npos);
  CHECK(replayed.find("{\"k\":\"•••") != std::string::npos);
}

TEST_CASE("what was cancelled is recorded as far as it came", "[cassette]") {
  Studio studio;
  studio.fake->on_chat = [](const ChatRequest&, ChatSink& sink, const CallContext&) {
    for (const char* piece : {"a", "b", "c"})
      if (sink.on_event({.text = piece}) == Flow::stop) break;
    return Result<ChatOutcome>(ChatOutcome{});
  };
  CallCancellation cancellation;
  RecordingSink stopping;
  stopping.stop_after = 2;
  static_cast<void>(studio.recorder()->chat(request("hi"), stopping, CallContext{cancellation}));
  RecordingSink again;
  again.stop_after = 2;
  static_cast<void>(studio.replay()->chat(request("hi"), again, CallContext{cancellation}));
  CHECK(again.lines == stopping.lines);
  CHECK(said(*studio.replay(), request("hi")).find("was cancelled when it was recorded") !=
        std::string::npos);
}

TEST_CASE("recorded pauses end with their call", "[cassette]") {
  Studio studio;
  studio.fake->on_chat = echo;
  said(*studio.recorder(), request("hi"));
  std::string text = read_file(studio.file);
  const std::size_t took = text.find("\"took_us\":");
  REQUIRE(took != std::string::npos);
  text = text.substr(0, took) + "\"took_us\":3600000000}\n";  // an hour
  studio.folder.write("c.jsonl", text);
  const auto replay = studio.replay({.timing = ReplayConfig::Timing::recorded});
  CallCancellation cancellation;
  RecordingSink sink;
  sink.on_delta = [&] { cancellation.request(CancelReason::caller); };
  CHECK(replay->chat(request("hi"), sink, CallContext{cancellation}));
  CHECK(sink.text == "hi");
  CHECK(said(*studio.replay(), request("hi")).find("stop") != std::string::npos);  // at once
}

TEST_CASE("a cassette that is cut at any byte is read as far as whole lines go, or refused with its place",
          "[cassette]") {
  Studio studio;
  studio.fake->on_chat = everything;
  const auto recorder = studio.recorder();
  said(*recorder, request("one"));
  said(*recorder, request("two"));
  const std::string whole = read_file(studio.file);
  std::size_t refused = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    studio.folder.write("c.jsonl", cut(whole, size));
    const Result<Cassette> read = Cassette::read(studio.file);
    const bool at_end = size > 0 && (whole[size] == '\n' || whole[size - 1] == '\n');
    if (read) {
      if (!at_end) FAIL("cut at byte " << size << " is taken for a whole cassette");
      continue;
    }
    ++refused;
    const std::string& message = read.error().message;
    const bool named = message.find(studio.file + (size == 0 ? "' is empty" : ":")) != std::string::npos;
    if (!named) FAIL("cut at byte " << size << ": " << message);
  }
  CHECK(refused > whole.size() / 2);
}

TEST_CASE("a cassette with any changed byte is read or refused with its line", "[cassette]") {
  Studio studio;
  studio.fake->on_chat = everything;
  said(*studio.recorder(), request("one"));
  const std::string whole = read_file(studio.file);
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const char byte : {'\0', '"', '{', '9', '\n', '\xFF'}) {
      std::string changed = whole;
      changed[at] = byte;
      studio.folder.write("c.jsonl", changed);
      const Result<Cassette> read = Cassette::read(studio.file);
      if (!read && read.error().message.find(studio.file + ":") != 0)
        FAIL("byte " << at << ": " << read.error().message);
    }
}

TEST_CASE("what is no cassette is refused with a sentence", "[cassette]") {
  TempDir folder;
  const auto refusal = [&](const std::string& text) {
    const Result<Cassette> read = Cassette::read(folder.write("c.jsonl", text));
    return read ? std::string("read") : read.error().message.substr(folder.path().string().size() + 1);
  };
  const std::string head = "{\"cassette\":1}\n";
  CHECK(refusal(head) == "read");
  CHECK(refusal("{}\n") == "c.jsonl:1: this is not the first line of a cassette");
  CHECK(refusal("{\"cassette\":2}\n") == "c.jsonl:1: the cassette has the schema 2; this version reads 1");
  CHECK(refusal(head + "{\"request\":0,\"answer\":{}}\n") == "c.jsonl:2: 'request' is below 1");
  CHECK(refusal(head + "{\"request\":1,\"answer\":{\"finish\":\"end\"}}\n") ==
        "c.jsonl:2: of the 'answer' 'finish' is \"end\"; it must be 'stop', 'length', 'tool_calls', "
        "'content_filter', 'cancelled' or 'unknown'");
  CHECK(refusal(head + "{\"request\":1,\"answr\":{}}\n") == "c.jsonl:2: 'answr' is no member of a cassette");
  CHECK(refusal(head + "{\"request\":1,\"events\":[{\"index\":-1}]}\n") ==
        "c.jsonl:2: 'events[0].index' is -1; it must be a whole number");
  const std::string one = "{\"request\":1,\"answer\":{}}\n";
  CHECK(refusal(head + one + one) == "c.jsonl:3: request 1 is there already");
  CHECK(refusal(head + one + "{\"request\":2") == "c.jsonl:3: the file ends within this line");
  const std::string missing = (folder.path() / "none.jsonl").string();
  CHECK(Cassette::read(missing).error().message ==
        "the cassette '" + missing + "' can't be read (No such file or directory)");
  CHECK(Cassette::read(folder.path().string()).error().message.find("is no regular file") !=
        std::string::npos);
}

TEST_CASE("a cassette that can't be written says so", "[cassette]") {
  const auto begun = CassetteWriter::open("/no/such/folder/c.jsonl", {}, {});
  REQUIRE_FALSE(begun);
  CHECK(begun.error().message ==
        "can't record to the cassette '/no/such/folder/c.jsonl' (No such file or directory)");
  const auto full = CassetteWriter::open("/dev/full", {}, {}).value();
  for (int i = 0; i < 2; ++i) {
    const Status added = full->add({.request = 1});
    REQUIRE_FALSE(added);
    CHECK(added.error().message == "can't record to the cassette '/dev/full' (No space left on device)");
  }
}

TEST_CASE("a file that is no cassette is not replaced by one", "[cassette]") {
  TempDir folder;
  const std::string file = folder.write("notes.txt", "important");
  const auto refused = CassetteWriter::open(file, {}, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == "'" + file + "' is not replaced: it is no cassette");
  CHECK(read_file(file) == "important");
}

TEST_CASE("a cassette is begun anew by the first request, not before", "[cassette]") {
  Studio studio;
  studio.fake->on_chat = echo;
  said(*studio.recorder(), request("one"));
  const std::string first = read_file(studio.file);
  const auto again = studio.recorder();
  CHECK(read_file(studio.file) == first);
  said(*again, request("two"));
  CHECK(Cassette::read(studio.file).value().all.size() == 1);
}

TEST_CASE("a call whose recording can't be written fails", "[cassette]") {
  Studio studio;
  studio.fake->on_chat = echo;
  studio.file = "/dev/full";
  CHECK(said(*studio.recorder(), request("hi")).find("can't record to the cassette") != std::string::npos);
}

TEST_CASE("long texts are compared from where they differ", "[cassette]") {
  const std::string same(100, 'x');
  const auto lines = calls::differences(Value::object({{"text", same + "é one"}, {"n", 1}}),
                                        Value::object({{"text", same + "é two"}, {"n", 1.0}}));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == "text: recorded …\"xxxxxxxxxxxxxxxxxé one\", asked …\"xxxxxxxxxxxxxxxxxé two\"");
}
