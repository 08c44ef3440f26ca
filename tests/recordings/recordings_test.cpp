// SPDX-License-Identifier: MIT
// The pictures of a terminal in README.md and docs/ are what the programs show in one, run here.
#include <regex>
#include <string>
#include <vector>

#include "integration/cli/shell.hpp"
#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/simulator.hpp"
#include "support/terminal.hpp"

using namespace tachikoma::testing;

namespace {

constexpr int kColumns = 100;
constexpr int kLine = 18;      // pixels
constexpr double kCell = 8.4;  // of a letter of 14 pixels

constexpr char kReplies[] = R"(replies:
  - when: {contains: pointer}
    text: "A `unique_ptr` **owns** what it points to, and deletes it:\n\n```cpp\nauto p = std::make_unique<int>(42);\nuse(*p);\n```\n\n- It can be *moved*, not copied.\n- It costs no more than a plain pointer.\n"
)";

std::string config_at(const Simulator& server) {
  return "providers:\n  lmstudio: {plugin: lmstudio, base_url: \"" + server.base_url() +
         "\"}\ndefaults: {model: openai/gpt-oss-20b}\n";
}

std::string escaped(const std::string& letter) {
  if (letter == "&") return "&amp;";
  if (letter == "<") return "&lt;";
  return letter == ">" ? "&gt;" : letter;
}

std::vector<std::string> letters_of(const std::string& row) {
  std::vector<std::string> letters;
  for (const char byte : row) {
    if ((static_cast<unsigned char>(byte) & 0xC0) != 0x80) letters.emplace_back();
    letters.back() += byte;
  }
  return letters;
}

const char* look_of(const Screen::Style& style) {
  if (style.bold) return "bold";
  if (style.italic) return "italic";
  return style.color >= 0 ? "color" : "";
}

// A row as runs of letters that look alike.
std::string row_of(const Screen& screen, int row) {
  std::string text;
  std::string look;
  int column = 0;
  for (const std::string& letter : letters_of(screen.row(row))) {
    const std::string now = look_of(screen.style({row, column++}));
    if (now != look) {
      if (!look.empty()) text += "</tspan>";
      if (!now.empty()) text += "<tspan class=\"" + now + "\">";
      look = now;
    }
    text += escaped(letter);
  }
  return look.empty() ? text : text + "</tspan>";
}

// What differs from run to run: the port, the home folder, and how long ago something was.
std::string masked(std::string text, const Simulator& server, const Shell& shell) {
  text = replace_all(std::move(text), server.base_url(), "http://127.0.0.1:1234");
  text = replace_all(std::move(text), shell.folder().path().string(), "/home/you");
  return std::regex_replace(text, std::regex(R"( +\d+s ago)"), "     1s ago");
}

/// Commands one after the other in one picture, each with what a terminal shows of it.
class Recording {
 public:
  void add(const Shell& shell, const Simulator& server, const std::string& shown,
           const std::vector<std::string>& words) {
    Terminal terminal(shell.command(words), kColumns, 40);
    INFO(terminal.screen().text());
    REQUIRE(terminal.wait() == 0);
    lines_.push_back("<tspan class=\"prompt\">$</tspan> tachikoma " + shown);
    int last = terminal.screen().cursor().row;
    while (last > 0 && terminal.screen().row(last).empty()) --last;
    for (int row = 0; row <= last; ++row)
      lines_.push_back(masked(row_of(terminal.screen(), row), server, shell));
    lines_.emplace_back();
  }

  std::string svg() const {
    const int width = static_cast<int>(kColumns * kCell) + 32;
    const int height = static_cast<int>(lines_.size()) * kLine + 24;
    const std::string size = std::to_string(width) + "\" height=\"" + std::to_string(height);
    std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size +
                       "\">\n"
                       "<style>text{font:14px "
                       "monospace;fill:#d8dee9;white-space:pre}.prompt{fill:#8fbc8f}.bold{font-weight:bold}"
                       ".italic{font-style:italic}.color{fill:#88c0d0}</style>\n"
                       "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#242933\"/>\n";
    int y = kLine + 6;
    for (const std::string& line : lines_) {
      text += "<text xml:space=\"preserve\" x=\"16\" y=\"" + std::to_string(y) + "\">" + line + "</text>\n";
      y += kLine;
    }
    return text + "</svg>\n";
  }

 private:
  std::vector<std::string> lines_;
};

}  // namespace

TEST_CASE("the pictures of a terminal are what the commands show", "[recordings]") {
  const Simulator server(kReplies);
  const Shell shell(config_at(server));
  Recording ask;
  ask.add(shell, server, "ask \"What is a unique pointer?\"", {"ask", "What is a unique pointer?"});
  check_golden("../../docs/images/ask.svg", ask.svg());
  Recording models;
  models.add(shell, server, "models", {"models"});
  models.add(shell, server, "ps", {"ps"});
  check_golden("../../docs/images/models.svg", models.svg());
  Recording doctor;
  doctor.add(shell, server, "doctor --no-measure", {"doctor", "--no-measure"});
  check_golden("../../docs/images/doctor.svg", doctor.svg());
}
