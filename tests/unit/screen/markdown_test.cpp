// SPDX-License-Identifier: MIT
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/screen.hpp"
#include "tools/tachikoma/markdown_stream.hpp"
#include "tools/tachikoma/width.hpp"

using namespace tachikoma::cli;
using namespace tachikoma::testing;

namespace {

constexpr char kAnswer[] = R"(# Weather in *Oslo*

It is **cold**, `-3 °C`, and ~~rainy~~ snowing; see [the forecast](https://yr.no) or <https://met.no>.
Take a coat that is warm enough for a walk along the fjord &mdash; and a hat.

1. Get dressed
   - socks
   - shoes
2. Leave

> A quote that is long enough to need a second line, which is set in like its first.

| City  | Degrees | Sky |
|-------|--------:|:---:|
| Oslo  |      -3 | ❄ |
| 東京  |      12 | clear |

```cpp
int main() { return 0; }  // nothing
```

- [x] done
- [ ] not done

---
The end
)";

std::string plain_lines(std::string_view markdown, std::size_t columns) {
  std::string text;
  for (const std::string& line : markdown_lines(markdown, {.columns = columns, .color = false}))
    text += line + "\n";
  return text;
}

/// A terminal with a stream of Markdown on it.
struct Shown {
  explicit Shown(int columns = 60, int rows = 60, bool color = false)
      : screen(columns, rows),
        size{static_cast<std::size_t>(columns), static_cast<std::size_t>(rows)},
        stream([this](std::string_view bytes) { write(bytes); }, [this] { return size; }, {.color = color}) {}

  void write(std::string_view bytes) {
    written += bytes;
    screen.write(replace_all(std::string(bytes), "\n", "\r\n"));
  }

  void resize(int columns, int rows) {
    screen.resize(columns, rows);
    size = {static_cast<std::size_t>(columns), static_cast<std::size_t>(rows)};
  }

  Screen screen;
  TerminalSize size;
  std::string written;
  MarkdownStream stream;
};

std::string shown_whole(std::string_view markdown, int columns = 60) {
  Shown shown(columns);
  shown.stream.feed(markdown);
  shown.stream.finish();
  return shown.screen.all_text();
}

}  // namespace

TEST_CASE("an answer in Markdown is readable in 60 columns and in 30", "[screen][markdown]") {
  check_golden("cli/markdown_60.txt", shown_whole(kAnswer, 60));
  check_golden("cli/markdown_30.txt", shown_whole(kAnswer, 30));
}

TEST_CASE("no line of Markdown is wider than the terminal", "[screen][markdown]") {
  for (std::size_t columns = 10; columns < 90; ++columns) {
    INFO(columns);
    std::size_t widest = 0;
    for (const std::string& line : markdown_lines(kAnswer, {.columns = columns, .color = false})) {
      std::string text = line;
      for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b'))
        text.erase(at, text.find('m', at) - at + 1);
      widest = std::max(widest, columns_of(text));
    }
    CHECK(widest <= columns);
  }
}

TEST_CASE("an answer that comes byte by byte ends in the same screen", "[screen][markdown]") {
  for (const int columns : {30, 60, 100}) {
    Shown shown(columns);
    for (const char byte : std::string_view(kAnswer)) shown.stream.feed({&byte, 1});
    shown.stream.finish();
    CHECK(shown.screen.all_text() == shown_whole(kAnswer, columns));
  }
}

TEST_CASE("lines of a block that has ended are never drawn again", "[screen][markdown]") {
  Shown shown;
  shown.stream.feed("First block.\n\nSecond");
  shown.written.clear();
  shown.stream.feed(" block\nis *long*.\n\n- a\n- b\n\n- c\n\nLast.");
  CHECK(shown.written.find("First") == std::string::npos);
  CHECK(shown.written.find("\x1b[2A") == std::string::npos);
  CHECK(shown.screen.text() == "First block.\n\nSecond block is long.\n\n• a\n\n• b\n\n• c\n\nLast.\n");
}

TEST_CASE("plain text is written once, as it comes", "[screen][markdown]") {
  Shown shown;
  for (const char* const piece : {"Hello", ", ", "world", "!\n\n", "How are", " you?"})
    shown.stream.feed(piece);
  shown.stream.finish();
  CHECK(shown.written == "Hello, world!\n\nHow are you?\n");
}

TEST_CASE("a link may name an address that an earlier block has defined", "[screen][markdown]") {
  Shown shown;
  shown.stream.feed("[home]: https://example.org\n\n- item\n\nSee [home].\n");
  shown.stream.finish();
  CHECK(shown.screen.text() == "• item\n\nSee home (https://example.org).\n");
}

TEST_CASE("Markdown can't send control sequences, not even as entities", "[screen][markdown]") {
  const std::string lines =
      plain_lines("a\x1b[31mb `\x1b]0;x` &#27;[2J &#x9b;31m \u202e\n\n```\n\x1b[H\t|\n```\n", 60);
  CHECK(lines == "a␛[31mb `␛]0;x` ␛[2J ␛31m \uFFFD\n\n  ␛[H    |\n");
}

TEST_CASE("colours are of code and links alone, and bold stays without them", "[screen][markdown]") {
  Shown shown(60, 60, true);
  shown.stream.feed("**bold** `code`\n\n```python\nreturn 'text'  # why\n```\n");
  CHECK(shown.screen.style_of("bold") == Screen::Style{.bold = true});
  CHECK(shown.screen.style_of("code") == Screen::Style{.color = 6});
  CHECK(shown.screen.style_of("return") == Screen::Style{.color = 5});
  CHECK(shown.screen.style_of("'text'") == Screen::Style{.color = 2});
  Shown sober(60, 60, false);
  sober.stream.feed("**bold** `code`\n\n```python\nreturn 'text'  # why\n```\n");
  CHECK(sober.screen.style_of("bold") == Screen::Style{.bold = true});
  CHECK(sober.screen.text() == "bold `code`\n\n  return 'text'  # why\n");
  CHECK(sober.screen.style_of("return") == Screen::Style{});
}

TEST_CASE("a terminal that changes its width during an answer shows all of it", "[screen][markdown]") {
  const std::string text = "The quick brown fox jumps over the lazy dog and runs into the forest.";
  Shown shown(40, 20);
  shown.stream.feed("Before.\n\n" + text.substr(0, 50));
  shown.resize(30, 20);
  shown.stream.feed(text.substr(50));
  shown.stream.finish();
  CHECK(shown.screen.all_text() ==
        "Before.\n\nThe quick brown fox jumps over\nthe lazy dog and runs into the\nforest.\n");
  Shown wider(30, 20);
  wider.stream.feed("Before.\n\n" + text.substr(0, 50));
  wider.resize(60, 20);
  wider.stream.feed(text.substr(50));
  wider.stream.finish();
  CHECK(wider.screen.all_text() ==
        "Before.\n\nThe quick brown fox jumps over the lazy dog and runs into\nthe forest.\n");
}

TEST_CASE("a block that is higher than the terminal keeps what has left it", "[screen][markdown]") {
  Shown shown(40, 5);
  std::string list;
  for (int i = 1; i <= 12; ++i) {
    const std::string item = std::to_string(i) + ". item **" + std::to_string(i) + "**\n";
    for (const char& byte : item) shown.stream.feed({&byte, 1});
    list += std::to_string(i) + ". item " + std::to_string(i) + "\n";
  }
  shown.stream.finish();
  CHECK(shown.screen.all_text() == list);
}
