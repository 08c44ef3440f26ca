// SPDX-License-Identifier: MIT
// The log of generations, from requests of real programs to what `tachikoma log` shows of it.
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "base/utf8.hpp"
#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/logged.hpp"
#include "support/simulator.hpp"
#include "support/terminal.hpp"
#include "support/wait.hpp"
#include "tachikoma/json.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;
using namespace std::chrono_literals;

namespace {

constexpr char kLogged[] = R"(providers:
  echo: {plugin: echo, models: [parrot]}
defaults: {model: parrot}
monitors: {log: {plugin: sqlite_log, file: log.db}}
)";

/// A user with a configuration whose log is there already.
struct Reader {
  Shell shell{kLogged};

  Command command(std::vector<std::string> words) const {
    words.insert(words.begin(), "log");
    Command command = shell.command(words);
    command.env.emplace_back("TZ", "UTC");
    return command;
  }

  explicit Reader(const std::vector<MonitorEvent>& events) { write_log(file(), events); }
  std::string file() const { return (shell.folder().path() / "log.db").string(); }
  Finished log(std::vector<std::string> words) const { return run(command(std::move(words))); }
  /// What a terminal of 80 columns has shown at the end.
  std::string shown(std::vector<std::string> words) const {
    Terminal terminal(command(std::move(words)));
    CHECK(terminal.wait() == 0);
    return terminal.screen().all_text();
  }
  Value json(std::vector<std::string> words) const {
    words.emplace_back("--json");
    return json_of(log(std::move(words)).out)["data"];
  }
};

MonitorEvent with_total(MonitorEvent event, std::chrono::nanoseconds total) {
  event.elapsed = total;
  return event;
}

std::vector<MonitorEvent> a_few() {
  MonitorEvent plain;
  plain.kind = MonitorEvent::Kind::finished;
  plain.time = finished_event().time + 24h;
  plain.provider = "openai";
  plain.model = "a-vendor/a-model-with-a-name-that-is-much-longer-than-the-table-is-wide-Q4_K_M";
  plain.elapsed = 90s;
  plain.usage.completion_tokens = 1000;
  plain.tokens_per_second = {12.5, Source::measured, "the clock"};
  plain.finish = Finish::stop;
  MonitorEvent failed = failed_event();
  failed.time = plain.time;
  return {finished_event(), plain, failed};
}

void check_fits(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
    widest = std::max(widest, base::count_characters(std::string_view(text).substr(at, end - at)));
  CHECK(widest <= 80);
}

std::string lines_of_batch(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) lines += "{\"prompt\": \"number " + std::to_string(i) + "\"}\n";
  return lines;
}

}  // namespace

TEST_CASE("each request of a program is in the log, what failed too, with the server's numbers",
          "[cli][log]") {
  const Simulator simulator;
  const Shell shell("providers: {lm: {plugin: lmstudio, base_url: '" + simulator.base_url() +
                    "'}}\ndefaults: {model: mistral-7b}\nmonitors: {log: {plugin: sqlite_log}}\n");
  std::vector<Value> usages;
  for (const char* question : {"Hello", "What is the capital of France?"}) {
    const Finished asked = shell.tachikoma({"ask", "--json", question});
    REQUIRE(asked.exit_code == 0);
    usages.push_back(json_of(asked.out)["data"]["usage"]);
  }
  CHECK(shell.tachikoma({"ask", "--mirostat", "1", "Hello"}).exit_code == 1);

  const Value listed = json_of(shell.tachikoma({"log", "list", "--json"}).out);
  CHECK(listed["kind"].as_string() == "log");
  const Value::Array& entries = listed["data"]["entries"].elements();
  REQUIRE(entries.size() == 3);
  CHECK(entries[0]["outcome"].as_string() == "failed");
  CHECK(entries[0]["error"]["code"].as_string() == "unsupported");
  CHECK(entries[0]["usage"]["prompt_tokens"].is_null());
  for (std::size_t i : {0, 1}) {
    const Value& entry = entries[2 - i];
    CHECK(entry["outcome"].as_string() == "finished");
    CHECK(entry["finish"].as_string() == "stop");
    CHECK(entry["model"].as_string() == "mistral-7b");
    for (const char* tokens : {"prompt_tokens", "completion_tokens", "total_tokens"})
      CHECK(entry["usage"][tokens] == usages[i][tokens]);
  }
  const Value stats = json_of(shell.tachikoma({"log", "stats", "--json"}).out)["data"]["overall"];
  CHECK(stats["requests"].as_integer() == 3);
  CHECK(stats["failed"].as_integer() == 1);
  CHECK(stats["prompt_tokens"]["value"].as_integer() ==
        usages[0]["prompt_tokens"].as_integer() + usages[1]["prompt_tokens"].as_integer());
  CHECK(std::filesystem::exists(shell.folder().path() / ".local/state/tachikoma/log.db"));
}

TEST_CASE("the log is shown to people in 80 columns, the newest first", "[cli][log]") {
  const Reader reader(a_few());
  std::string shown;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"list"},
                                                {"list", "-n", "1"},
                                                {"list", "--failed"},
                                                {"list", "--model", "lm::chat", "--since", "2020-09-14"},
                                                {"stats"},
                                                {"stats", "--since", "2020-09-14T12:00"},
                                                {"stats", "--since", "1h"}}) {
    const std::string text = reader.shown(words);
    check_fits(text);
    std::string line = "$ tachikoma log";
    for (const std::string& word : words) line += " " + word;
    shown += line + "\n" + text + "\n";
  }
  check_golden("cli/log.txt", shown);
}

TEST_CASE("one generation is shown with all that is known of it", "[cli][log]") {
  const Reader reader(a_few());
  std::string shown;
  for (const char* id : {"1", "2", "last"})
    shown += std::string("$ tachikoma log show ") + id + "\n" + reader.log({"show", id}).out + "\n";
  check_golden("cli/log_show.txt", shown);
  check_golden("cli/log_entry.json", to_json(reader.json({"show", "1"}), 2) + "\n");
  CHECK(reader.log({"show", "17"}).exit_code == 2);
  CHECK_THAT(reader.log({"show", "17"}).err, ContainsSubstring("the log has no entry 17"));
  CHECK_THAT(reader.log({"show", "first"}).err, ContainsSubstring("'first' is no entry of the log"));
}

TEST_CASE("statistics are exact: percentiles of what has finished, speeds by tokens, sums of what is known",
          "[cli][log]") {
  std::vector<MonitorEvent> events;
  for (int i = 100; i >= 1; --i) events.push_back(with_total(finished_event(), std::chrono::seconds(i)));
  events[0].usage = {};  // nothing is known of it
  events[0].tokens_per_second = {};
  events[1].usage.completion_tokens = 966;  // 966 tokens at 10 tokens/s take 96.6 s
  events[1].tokens_per_second.value = 10;
  events.push_back(with_total(failed_event(), 1000s));  // says nothing of how fast an answer is
  events.push_back(with_total(failed_event(ErrorCode::cancelled), 2000s));
  const Value stats = Reader(events).json({"stats"});
  CHECK(stats["models"].elements().size() == 1);
  const Value& chat = stats["models"].elements()[0];
  CHECK(chat["address"].as_string() == "lm::chat");
  CHECK(chat["requests"].as_integer() == 102);
  CHECK(chat["failed"].as_integer() == 1);
  CHECK(chat["cancelled"].as_integer() == 1);
  CHECK(chat["switches"].as_integer() == 100);
  CHECK(chat["tool_runs"].as_integer() == 100);
  const Value& total = chat["total_time"];
  CHECK(total["count"].as_integer() == 100);
  CHECK(total["mean"].as_real() == Approx(50.5));
  CHECK(total["p50"].as_real() == Approx(50));
  CHECK(total["p90"].as_real() == Approx(90));
  CHECK(total["p99"].as_real() == Approx(99));
  CHECK(total["max"].as_real() == Approx(100));
  CHECK(chat["prompt_tokens"]["value"].as_integer() == 99 * 12);
  CHECK(chat["prompt_tokens"]["basis"].as_string() == "by the servers, of 99 of 102 requests");
  const double tokens = 98 * 34 + 966, seconds = 98 * 34 / 45.5 + 96.6;
  CHECK(chat["tokens_per_second"]["value"].as_real() == Approx(tokens / seconds));
}

TEST_CASE("without a log one is told how to switch it on, and of several to choose one", "[cli][log]") {
  const Shell shell(kEchoes);
  const Finished none = shell.tachikoma({"log", "list"});
  CHECK(none.exit_code == 3);
  CHECK(replace_all(none.err, shell.folder().path().string(), "HOME") ==
        "tachikoma: there is no log of generations in 'HOME/.local/state/tachikoma/log.db'\n"
        "  hint: it is kept from the first request on with these lines in the configuration:\n"
        "  hint:   monitors:\n"
        "  hint:     log: {plugin: sqlite_log}\n");
  const Shell several(
      std::string(kEchoes) +
      "monitors:\n  a: {plugin: sqlite_log, file: a.db}\n  b: {plugin: sqlite_log, file: b.db}\n");
  const Finished which = several.tachikoma({"log", "stats"});
  CHECK(which.exit_code == 2);
  CHECK_THAT(which.err, ContainsSubstring("the configuration has several logs: "));
  REQUIRE(several.tachikoma({"ask", "Hello"}).exit_code == 0);
  CHECK(json_of(several.tachikoma({"log", "list", "--json", "--file", "a.db"}).out)["data"]["entries"]
            .elements()
            .size() == 1);
}

TEST_CASE("what is no log, or a damaged one, is an error for who reads it, and stays as it is",
          "[cli][log]") {
  const Shell shell(kLogged);
  const std::string file = shell.folder().write("log.db", "these are some notes, and no database at all");
  const Finished refused = shell.tachikoma({"log", "list"});
  CHECK(refused.exit_code == 3);
  CHECK_THAT(refused.err, ContainsSubstring("can't be used: file is not a database"));
  CHECK(read_file(file) == "these are some notes, and no database at all");
  CHECK_THAT(shell.tachikoma({"log", "list", "--file", "."}).err, ContainsSubstring("is not a regular file"));
}

TEST_CASE("two programs that write at once lose nothing", "[cli][log]") {
  constexpr int kEach = 150;
  const Shell shell(kLogged);
  shell.folder().write("in.jsonl", lines_of_batch(kEach));
  Process one(shell.command({"batch", "in.jsonl", "-o", "one.jsonl", "-j", "4"}));
  Process two(shell.command({"batch", "in.jsonl", "-o", "two.jsonl", "-j", "4"}));
  CHECK(one.wait() == 0);
  CHECK(two.wait() == 0);
  const std::vector<Value> rows = logged_rows((shell.folder().path() / "log.db").string());
  CHECK(rows.size() == 2 * kEach);
  for (std::size_t i = 0; i < rows.size(); ++i)
    CHECK(rows[i]["id"].as_integer() == static_cast<std::int64_t>(i) + 1);
}

TEST_CASE("a program that is killed has logged all that had ended", "[cli][log]") {
  const Shell shell(kLogged);
  const std::string file = (shell.folder().path() / "log.db").string();
  for (int killed = 1; killed <= 3; ++killed) {
    Process chat(shell.command({"chat", "--no-save"}));
    chat.write("Hello\n");
    CHECK(chat.read_line() == "Hello");
    const auto rows = static_cast<std::size_t>(killed);
    CHECK(comes_true(20s, [&] { return std::filesystem::exists(file) && logged_rows(file).size() == rows; }));
    chat.signal(SIGKILL);
    CHECK(chat.wait() == 128 + SIGKILL);
  }
  CHECK(shell.tachikoma({"ask", "Hello"}).exit_code == 0);
  CHECK(logged_rows(file).size() == 4);
}

TEST_CASE("a program whose log can't be opened does not start, and says why", "[cli][log]") {
  const Shell shell(replace_all(kLogged, "log.db", "none/log.db"));
  const Finished refused = shell.tachikoma({"ask", "Hello"});
  CHECK(refused.exit_code == 3);
  CHECK_THAT(refused.err, ContainsSubstring("monitor 'sqlite_log' can't write its log") &&
                              ContainsSubstring("No such file or directory"));
}

TEST_CASE("the page is one file with the figures, in which the name of a model ends no element",
          "[cli][log]") {
  std::vector<MonitorEvent> events = a_few();
  events[0].model = "</script><script>alert(1)</script>";
  const Reader reader(events);
  const std::string page_file = (reader.shell.folder().path() / "page.html").string();
  REQUIRE(reader.log({"stats", "--html", "page.html"}).exit_code == 0);
  const std::string page = read_file(page_file);
  CHECK_THAT(page, !ContainsSubstring("<script>alert") && !ContainsSubstring("{{data}}") &&
                       ContainsSubstring("\\u003c/script>\\u003cscript>alert(1)") &&
                       !ContainsSubstring("src=") && !ContainsSubstring("href="));
  const Finished refused = reader.log({"stats", "--html", "none/page.html"});
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, ContainsSubstring("can't write 'none/page.html' (No such file or directory)"));
}
