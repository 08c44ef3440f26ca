// SPDX-License-Identifier: MIT
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/stat.h>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kContinue = "continue with: tachikoma chat --continue ";

/// A user whose chats with an echo are saved.
struct Chatter {
  const Shell shell{kEchoes};
  const fs::path folder = shell.folder().path() / ".local/state/tachikoma/conversations";

  Command command(std::vector<std::string> words, std::string input = {}) const {
    words.insert(words.begin(), "chat");
    Command chat = shell.command(words, std::move(input));
    chat.env.emplace_back("TACHIKOMA_NO_SAVE", "");
    return chat;
  }
  Finished chat(std::vector<std::string> words, std::string input) const {
    return run(command(std::move(words), std::move(input)));
  }
  /// The id that a chat names when it ends.
  static std::string id_of(const Finished& chat) {
    const std::size_t at = chat.err.find(kContinue);
    if (at == std::string::npos) return {};
    const std::size_t start = at + kContinue.size();
    return chat.err.substr(start, chat.err.find('\n', start) - start);
  }
  std::string saved(const std::string& id) const { return read_file(folder / (id + ".jsonl")); }
  /// The chat that was last used is this one, whatever clock the file system has.
  void use_last(const std::string& id) const {
    fs::last_write_time(folder / (id + ".jsonl"), fs::file_time_type::clock::now() + std::chrono::hours(1));
  }
};

std::int64_t prompt_tokens(const Finished& chat) {
  return json_lines_of(chat.out).back()["data"]["usage"]["prompt_tokens"].as_integer();
}

}  // namespace

TEST_CASE("a chat is saved as it goes, and continued by its id", "[cli][chat]") {
  const Chatter user;
  const Finished first = user.chat({"-m", "thinker", "-s", "be kind"}, "one\n");
  const std::string id = Chatter::id_of(first);
  INFO(first.err);
  REQUIRE(id.size() >= 15);
  CHECK_THAT(user.saved(id), StartsWith(R"({"schema_version":1,"kind":"conversation","model":"thinker")") &&
                                 ContainsSubstring("\n{\"role\":\"assistant\",\"text\":\"one\"}\n"));
  struct stat status = {};
  REQUIRE(::stat((user.folder / (id + ".jsonl")).c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0600);
  REQUIRE(::stat(user.folder.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0700);

  const Finished second = user.chat({"--json", "--continue", id}, "two\n");
  CHECK(json_lines_of(second.out).back()["data"]["model"].as_string() == "gamma");
  CHECK(prompt_tokens(second) == 2 + 1 + 1 + 1);
  CHECK(Chatter::id_of(second) == id);
  const Finished third = user.chat({"--json", "--continue=" + id, "-m", "alpha", "-s", "be"}, "three\n");
  CHECK(json_lines_of(third.out).back()["data"]["model"].as_string() == "alpha");
  CHECK(prompt_tokens(third) == 1 + 2 + 2 + 1);
}

TEST_CASE("without an id the chat that was last used goes on", "[cli][chat]") {
  const Chatter user;
  const std::string first = Chatter::id_of(user.chat({}, "one\n"));
  const std::string second = Chatter::id_of(user.chat({}, "two\n"));
  CHECK(first != second);
  user.use_last(first);
  CHECK(Chatter::id_of(user.chat({"--continue"}, "more\n")) == first);
  user.use_last(second);
  CHECK(Chatter::id_of(user.chat({"-c", "--json"}, "more\n")) == second);
}

TEST_CASE("an id that no chat has is an error that lists the near ones", "[cli][chat]") {
  const Chatter user;
  const Finished none = user.chat({"--continue"}, "one\n");
  CHECK(none.exit_code == 2);
  CHECK_THAT(none.err, StartsWith("tachikoma: there is no saved chat to continue\n"));
  const std::string id = Chatter::id_of(user.chat({}, "one\n"));
  const Finished wrong = user.chat({"--continue", "x" + id}, "two\n");
  CHECK(wrong.exit_code == 2);
  CHECK(wrong.out.empty());
  CHECK_THAT(wrong.err, ContainsSubstring("no chat 'x" + id + "' is saved") &&
                            ContainsSubstring("did you mean '" + id + "'?"));
  CHECK_THAT(user.chat({"--continue", "thing"}, "two\n").err,
             ContainsSubstring("the last ones are '" + id + "'"));
}

TEST_CASE("nothing is written for a chat without a turn, or if the user does not want it", "[cli][chat]") {
  const Chatter user;
  CHECK(user.chat({}, "/model\n/exit\n").exit_code == 0);
  const Finished unsaved = user.chat({"--no-save"}, "one\n");
  CHECK(unsaved.out == "one\n");
  CHECK(unsaved.err.empty());
  Command command = user.command({}, "one\n");
  command.env.emplace_back("TACHIKOMA_NO_SAVE", "1");
  CHECK(run(command).err.empty());
  CHECK_FALSE(fs::exists(user.folder));

  const std::string id = Chatter::id_of(user.chat({}, "one\n"));
  const std::string before = user.saved(id);
  CHECK(prompt_tokens(user.chat({"--json", "--no-save", "--continue", id}, "two\n")) == 3);
  CHECK(user.saved(id) == before);
}

TEST_CASE("a chat that can't be saved says so once, and goes on", "[cli][chat]") {
  const Chatter user;
  fs::create_directories(user.folder.parent_path());
  user.shell.folder().write(".local/state/tachikoma/conversations", "a file");
  const Finished chat = user.chat({}, "one\ntwo\n");
  CHECK(chat.exit_code == 0);
  CHECK(chat.out == "one\ntwo\n");
  CHECK_THAT(chat.err,
             StartsWith("tachikoma: warning: this chat is not saved: ") && !ContainsSubstring("continue"));
  CHECK(chat.err.find("not saved") == chat.err.rfind("not saved"));
}

TEST_CASE("/system keeps the turns, and /reset forgets them in the file too", "[cli][chat]") {
  const Chatter user;
  const Finished chat = user.chat({"--json"}, "one\n/system be very kind\ntwo\n");
  CHECK_THAT(chat.err, StartsWith("tachikoma: from here on with this system prompt; all turns stay\n"));
  CHECK(prompt_tokens(chat) == 3 + 2 + 1);
  const std::string id = Chatter::id_of(chat);
  user.chat({"--continue", id}, "/reset\n");
  CHECK(user.saved(id).find("one") == std::string::npos);
  CHECK(prompt_tokens(user.chat({"--json", "--continue", id}, "three\n")) == 3 + 1);
}

TEST_CASE("/fork goes on with a copy, and the chat that it is of stays as it was", "[cli][chat]") {
  const Chatter user;
  const Finished chat = user.chat({"--json"}, "one\n/fork\ntwo\n");
  const std::string fork = Chatter::id_of(chat);
  const std::string start =
      "tachikoma: this is a copy from here on; the chat so far: tachikoma chat --continue ";
  REQUIRE_THAT(chat.err, StartsWith(start));
  const std::string first = chat.err.substr(start.size(), chat.err.find('\n') - start.size());
  CHECK(first != fork);
  CHECK(user.saved(first).find("two") == std::string::npos);
  CHECK(prompt_tokens(user.chat({"--json", "--continue", first}, "three\n")) == 3);
  CHECK(prompt_tokens(user.chat({"--json", "--continue", fork}, "three\n")) == 5);
}

TEST_CASE("/save writes the chat to a file, from which it can go on", "[cli][chat]") {
  const Chatter user;
  const Finished chat = user.chat({"--no-save"}, "one\n/save talk.jsonl\n/save\ntwo\n");
  CHECK_THAT(chat.err, StartsWith("tachikoma: saved in talk.jsonl\ntachikoma: /save needs a file\n"));
  const Finished more = user.chat({"--json", "--continue", "talk.jsonl"}, "three\n");
  CHECK(prompt_tokens(more) == 3);
  CHECK_THAT(Chatter::id_of(more), ContainsSubstring("/talk.jsonl"));
  CHECK_THAT(read_file(user.shell.folder().path() / "talk.jsonl"), ContainsSubstring("three"));
}

TEST_CASE("a chat that goes on in two programs at once is a copy in the second", "[cli][chat]") {
  const Chatter user;
  const std::string id = Chatter::id_of(user.chat({}, "one\n"));
  Process first(user.command({"--continue", id}));
  first.write("first\n");
  CHECK(first.read_line() == "first");
  const Finished second = user.chat({"--json", "--continue", id}, "second\n");
  CHECK_THAT(second.err,
             StartsWith("tachikoma: another program goes on with the chat '" + id + "'; this is a copy"));
  CHECK(prompt_tokens(second) == 5);
  CHECK(Chatter::id_of(second) != id);
  CHECK(Chatter::id_of(second) != "");
  first.write("again\n");
  CHECK(first.read_line() == "again");
  first.signal(SIGKILL);
  first.wait();
  CHECK(user.saved(id).find("second") == std::string::npos);
  const Finished after = user.chat({"--json", "--continue", id}, "last\n");
  CHECK(Chatter::id_of(after) == id);  // who was killed keeps nothing
  CHECK(prompt_tokens(after) == 7);
}

TEST_CASE("a chat whose last turn was cut off goes on, and says what is left out", "[cli][chat]") {
  const Chatter user;
  const std::string id = Chatter::id_of(user.chat({}, "one\ntwo\n"));
  const std::string whole = user.saved(id);
  user.shell.folder().write(".local/state/tachikoma/conversations/" + id + ".jsonl",
                            whole.substr(0, whole.size() - 5));
  const Finished chat = user.chat({"--json", "--continue", id}, "three\n");
  CHECK_THAT(chat.err,
             StartsWith("tachikoma: warning: ") && ContainsSubstring(".jsonl:5: the last turn was cut off"));
  CHECK(prompt_tokens(chat) == 3);
}

TEST_CASE("--token-budget leaves out old turns, and says so", "[cli][chat]") {
  const Chatter user;
  const Finished chat = user.chat({"--json", "--token-budget", "3"}, "one\ntwo\nthree\n");
  CHECK(prompt_tokens(chat) == 3);
  CHECK_THAT(std::string(json_lines_of(chat.out).back()["data"]["notices"].elements().at(0).as_string()),
             StartsWith("the oldest 1 of 3 turns were not sent"));
  CHECK(prompt_tokens(user.chat({"--json", "--continue", Chatter::id_of(chat)}, "four\n")) == 3);
}
