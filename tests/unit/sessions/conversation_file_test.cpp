// SPDX-License-Identifier: MIT
#include "sessions/conversation_file.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include "base/generation_settings.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/temp_dir.hpp"
#include "tachikoma/generation.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
namespace fs = std::filesystem;

namespace {

GenerationSettings every_setting() {
  GenerationSettings settings{.max_tokens = 7,
                              .temperature = 0.25,
                              .top_p = 0.5,
                              .top_k = 3,
                              .min_p = 0.125,
                              .repeat_penalty = 1.5,
                              .presence_penalty = -1,
                              .frequency_penalty = 2,
                              .mirostat = 2,
                              .seed = -5,
                              .stop_sequences = {"a", "\n"},
                              .logit_bias = {{17, -100}, {4, 0.5}},
                              .reasoning_effort = ReasoningEffort::high,
                              .draft_model = "small",
                              .ttl = std::chrono::seconds(90),
                              .streaming_buffer_size = 4,
                              .extra = Value::object({{"grammar", "x"}})};
  for_each_generation_setting([&](const char* name, auto member, const SettingRule&) {
    INFO(name);
    CHECK(is_present(settings.*member));  // a new setting has to be added here
  });
  return settings;
}

std::string shown(const std::vector<Message>& messages) {
  std::string all;
  for (const Message& message : messages) all += to_json(to_value(message)) + "\n";
  return all;
}

// A turn with a tool, whose texts have more than one line.
std::vector<Message> turn(const std::string& what) {
  return {user(what + "\nplease"),
          {.role = Role::assistant, .tool_calls = {{what, "look", "{\"at\":\"" + what + "\"}"}}},
          tool_result(what, "seen: ä\n" + what),
          assistant("It is " + what)};
}

struct Talk {
  sessions::ConversationHead head{"small", every_setting(), 4000};
  std::vector<Message> messages{system_prompt("Be kind")};

  void say(const std::string& what) {
    for (Message& message : turn(what)) messages.push_back(std::move(message));
  }
};

std::string why_not(const std::string& text) {
  const auto read = sessions::read_conversation(text, "talk.jsonl");
  return read ? "" : read.error().message;
}

constexpr char kHead[] =
    R"({"schema_version":1,"kind":"conversation","model":"m","settings":{},"token_budget":null})"
    "\n";

}  // namespace

TEST_CASE("a conversation is the same after it was written and read", "[conversation]") {
  const TempDir folder;
  const std::string path = (folder.path() / "talk.jsonl").string();
  Talk talk;
  talk.say("red");
  REQUIRE(sessions::write_conversation(path, talk.head, talk.messages));
  const sessions::StoredConversation read = sessions::read_conversation_file(path).value();
  CHECK(read.head.model == "small");
  CHECK(base::to_value(read.head.settings) == base::to_value(every_setting()));
  CHECK(read.head.token_budget == 4000);
  CHECK(shown(read.messages) == shown(talk.messages));
  CHECK(read.notices.empty());
}

TEST_CASE("the file of a conversation has a line about it, and one for each message", "[conversation]") {
  const TempDir folder;
  const std::string path = (folder.path() / "talk.jsonl").string();
  const sessions::ConversationHead head{"small", {.temperature = 0.5}, {}};
  std::vector<Message> messages{user("Hi"), assistant("Hello")};
  sessions::ConversationFile file = sessions::ConversationFile::create(path, head, messages).value();
  messages.push_back(user("And?"));
  messages.push_back(assistant("No."));
  REQUIRE(file.update(head, messages));
  CHECK(
      read_file(path) ==
      R"({"schema_version":1,"kind":"conversation","model":"small","settings":{"temperature":0.5},"token_budget":null}
{"role":"user","text":"Hi"}
{"role":"assistant","text":"Hello"}
{"role":"user","text":"And?","more":true}
{"role":"assistant","text":"No."}
)");
}

TEST_CASE("wherever a file of a conversation is cut, only the turn that was being written is lost",
          "[conversation]") {
  const TempDir folder;
  const std::string path = (folder.path() / "talk.jsonl").string();
  Talk talk;
  sessions::ConversationFile file =
      sessions::ConversationFile::create(path, talk.head, talk.messages).value();
  std::vector<std::size_t> ends{read_file(path).size()};
  std::vector<std::vector<Message>> known{talk.messages};
  for (const std::string what : {"red", "\xC3\xA4rger \xFF", "blue"}) {
    talk.say(what);
    REQUIRE(file.update(talk.head, talk.messages));
    ends.push_back(read_file(path).size());
    known.push_back(talk.messages);
  }
  const std::string whole = read_file(path);
  std::size_t turns = 0;
  for (std::size_t cut = ends[0]; cut <= whole.size(); ++cut) {
    while (turns + 1 < ends.size() && cut >= ends[turns + 1] - 1)
      ++turns;  // the last line feed may be missing
    INFO("cut at " << cut << " of " << whole.size());
    const auto read = sessions::read_conversation(whole.substr(0, cut), "talk.jsonl");
    REQUIRE(read);
    REQUIRE(shown(read->messages) == shown(known[turns]));
    const bool is_whole = cut == ends[turns] || cut + 1 == ends[turns];
    REQUIRE(read->notices.size() == (is_whole ? 0 : 1));
    REQUIRE(read->whole == (cut == ends[turns]));
  }
  CHECK(turns == 3);
}

TEST_CASE("after a cut a conversation goes on, and its file is whole again", "[conversation]") {
  const TempDir folder;
  const std::string path = (folder.path() / "talk.jsonl").string();
  Talk talk;
  {
    sessions::ConversationFile file =
        sessions::ConversationFile::create(path, talk.head, talk.messages).value();
    talk.say("red");
    REQUIRE(file.update(talk.head, talk.messages));
    Talk longer = talk;
    longer.say("blue");
    REQUIRE(file.update(longer.head, longer.messages));
  }
  const std::string whole = read_file(path);
  const std::string cut = whole.substr(0, whole.size() - 10);
  folder.write("talk.jsonl", cut);
  sessions::StoredConversation stored;
  sessions::ConversationFile file = sessions::ConversationFile::open(path, stored).value();
  REQUIRE(stored.notices.size() == 1);
  CHECK(stored.notices[0] == path +
                                 ":10: the last turn was cut off while it was written, and is left out; it "
                                 "began 'blue please'");
  CHECK(read_file(path) == cut);  // nothing is changed before there is something to write
  talk.say("green");
  REQUIRE(file.update(talk.head, talk.messages));
  const sessions::StoredConversation again = sessions::read_conversation_file(path).value();
  CHECK(shown(again.messages) == shown(talk.messages));
  CHECK(again.notices.empty());
}

TEST_CASE("a conversation of which any byte has changed is read or refused, and what is read can be written",
          "[conversation]") {
  Talk talk;
  talk.say("red");
  std::string text = sessions::to_line(talk.head) + sessions::to_lines(talk.messages).value();
  std::size_t refused = 0, read = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char other : {'"', '{', '[', '\n', '0', '\\', '\xFF', '\0'}) {
      const char before = std::exchange(text[at], other);
      const auto stored = sessions::read_conversation(text, "talk.jsonl");
      text[at] = before;
      INFO("byte " << at << " as " << static_cast<int>(other));
      if (stored) {
        ++read;
        REQUIRE(sessions::to_lines(stored->messages));
      } else {
        ++refused;
        REQUIRE(stored.error().code == ErrorCode::invalid_argument);
        REQUIRE_THAT(stored.error().message, StartsWith("talk.jsonl:"));
      }
    }
  }
  CHECK(read > 0);
  CHECK(refused > 0);
}

TEST_CASE("a broken line of a conversation is named, and nothing is left out for it", "[conversation]") {
  const std::string good = "{\"role\":\"user\",\"text\":\"Hi\"}\n";
  CHECK_THAT(why_not(kHead + good + "{\"role\n" + good), StartsWith("talk.jsonl:3: this line is not JSON: "));
  CHECK_THAT(why_not(kHead + good + "{\"role\n"), StartsWith("talk.jsonl:3: this line is not JSON: "));
  CHECK_THAT(why_not(kHead + good + "\n" + good), StartsWith("talk.jsonl:3: this line is not JSON: "));
  CHECK(why_not(kHead + good + "{\"role\":\"user\",\"text\":[]}\n") ==
        "talk.jsonl:3: 'text' is an array; it must be a string");
  CHECK_THAT(why_not(""), StartsWith("talk.jsonl:1: this line is not JSON: "));
  CHECK_THAT(why_not(std::string(kHead).substr(0, 30)), StartsWith("talk.jsonl:1: this line is not JSON: "));
  CHECK_THAT(why_not(good), StartsWith("talk.jsonl:1: this is not the first line of a conversation: "));
  CHECK(why_not(R"({"schema_version":1,"kind":"conversation","settings":{"top_k":"x"}})") ==
        "talk.jsonl:1: 'settings.top_k' is \"x\"; it must be a whole number");
  CHECK(why_not(R"({"schema_version":1,"kind":"conversation","token_budget":0})") ==
        "talk.jsonl:1: 'token_budget' is 0; it must be a number above 0, or null");
}

TEST_CASE("a conversation of a later schema is refused, and an unknown member is named", "[conversation]") {
  CHECK(why_not(R"({"schema_version":2,"kind":"conversation"})") ==
        "talk.jsonl:1: this conversation has the schema 2; this version of Tachikoma knows 1");
  const sessions::StoredConversation read =
      sessions::read_conversation(
          R"({"schema_version":1,"kind":"conversation","title":"x","settings":{"charm":1}})"
          "\n"
          R"({"role":"user","text":"Hi","mood":"good"})"
          "\n",
          "talk.jsonl")
          .value();
  CHECK(read.notices ==
        std::vector<std::string>{
            "talk.jsonl:1: 'title' is not known to this version of Tachikoma, and is left out",
            "talk.jsonl:1: 'settings.charm' is not known to this version of Tachikoma, and is left out",
            "talk.jsonl:2: 'mood' is not known to this version of Tachikoma, and is left out"});
  CHECK(read.messages.size() == 1);
}

TEST_CASE("members that this version does not know stay in the file while turns are added",
          "[conversation]") {
  const TempDir folder;
  const std::string path = folder.write(
      "talk.jsonl", kHead + std::string("{\"role\":\"user\",\"text\":\"Hi\",\"mood\":\"good\"}\n"));
  sessions::StoredConversation stored;
  sessions::ConversationFile file = sessions::ConversationFile::open(path, stored).value();
  stored.messages.push_back(assistant("Hello"));
  REQUIRE(file.update(stored.head, stored.messages));
  CHECK_THAT(read_file(path), ContainsSubstring("\"mood\"") && ContainsSubstring("Hello"));
}

TEST_CASE("wire fields that no line of JSON can have are refused when they are written", "[conversation]") {
  Value deep = 1;
  for (int level = 0; level < 70; ++level) deep = Value::array({std::move(deep)});
  for (const Value& extra : {Value::object({{"deep", deep}}), Value::object({{"text", "\xFF"}})}) {
    const std::vector<Message> messages{{.role = Role::user, .extra = extra}};
    const auto lines = sessions::to_lines(messages);
    REQUIRE(!lines);
    CHECK(lines.error().code == ErrorCode::invalid_argument);
  }
}

TEST_CASE("only this user can read the file of a conversation", "[conversation]") {
  const TempDir folder;
  const std::string path = folder.write("talk.jsonl", kHead);
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  REQUIRE(sessions::write_conversation(path, {}, {}));
  struct stat status = {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) ==
        1);  // nothing beside it
}

TEST_CASE("only a file of a conversation is replaced", "[conversation]") {
  const TempDir folder;
  const auto why = [&](const std::string& path) {
    const Status written = sessions::write_conversation(path, {}, {});
    return written ? "" : replace_all(written.error().message, folder.path().string(), "<tmp>");
  };
  CHECK(why(folder.write("notes.txt", "precious\n")) ==
        "'<tmp>/notes.txt' is not replaced: it is not the file of a conversation");
  CHECK(read_file(folder.path() / "notes.txt") == "precious\n");
  CHECK(why(folder.path().string()) == "'<tmp>' is not replaced: it is not a regular file");
  const std::string pipe = (folder.path() / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(why(pipe) == "'<tmp>/pipe' is not replaced: it is not a regular file");
  CHECK(why(folder.write("empty", "")).empty());
  CHECK(why(folder.write("newer", "{\"schema_version\":9,\"kind\":\"conversation\"}\n")).empty());
  CHECK_THAT(why((folder.path() / "nowhere/talk.jsonl").string()),
             StartsWith("can't write '<tmp>/nowhere/talk.jsonl'"));
}

TEST_CASE("a link is replaced and not followed, and in a folder of anybody's nothing is written",
          "[conversation]") {
  const TempDir folder;
  const std::string other = folder.write("other.txt", "precious");
  const std::string link = (folder.path() / "talk.jsonl").string();
  fs::create_symlink(other, link);
  REQUIRE(sessions::write_conversation(link, {}, {}));
  CHECK(read_file(other) == "precious");
  CHECK_FALSE(fs::is_symlink(link));

  const fs::path open = folder.path() / "open";
  fs::create_directory(open);
  REQUIRE(::chmod(open.c_str(), 0777) == 0);
  const Status written = sessions::write_conversation((open / "talk.jsonl").string(), {}, {});
  REQUIRE(!written);
  CHECK(written.error().code == ErrorCode::invalid_argument);
  CHECK(replace_all(written.error().message, folder.path().string(), "<tmp>") ==
        "'<tmp>/open' is writable by everyone");
  CHECK(fs::is_empty(open));
  std::ofstream(open / "talk.jsonl") << kHead;
  CHECK_FALSE(sessions::read_conversation_file((open / "talk.jsonl").string()));
}

TEST_CASE("a file of a conversation has one writer at a time", "[conversation]") {
  const TempDir folder;
  const std::string path = (folder.path() / "talk.jsonl").string();
  sessions::StoredConversation stored;
  {
    sessions::ConversationFile first = sessions::ConversationFile::create(path, {}, {}).value();
    REQUIRE(first.update({.model = "renamed"}, {}));  // it is another file now
    const auto second = sessions::ConversationFile::open(path, stored);
    REQUIRE(!second);
    CHECK(second.error().detail["in_use"].as_bool());
    CHECK(sessions::write_conversation(path, {}, {}).error().detail["in_use"].as_bool());
    CHECK(sessions::ConversationFile::create(path, {}, {}).error().detail["exists"].as_bool());
    CHECK(sessions::read_conversation_file(path).value().head.model == "renamed");
  }
  CHECK(sessions::ConversationFile::open(path, stored));
}

TEST_CASE("a file that another program replaced is not overwritten, and one that was removed is made again",
          "[conversation]") {
  const TempDir folder;
  const std::string path = (folder.path() / "talk.jsonl").string();
  Talk talk;
  sessions::ConversationFile file =
      sessions::ConversationFile::create(path, talk.head, talk.messages).value();
  fs::rename(folder.write("new", "somebody else's"), path);
  talk.say("red");
  const Status lost = file.update(talk.head, talk.messages);
  REQUIRE(!lost);
  CHECK(read_file(path) == "somebody else's");
  fs::remove(path);
  REQUIRE(file.update(talk.head, talk.messages));
  CHECK(shown(sessions::read_conversation_file(path).value().messages) == shown(talk.messages));
}
