// SPDX-License-Identifier: MIT
#include "tools/tachikoma/width.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"

using namespace tachikoma::cli;

using Lines = std::vector<std::string_view>;

TEST_CASE("columns are those of a terminal, whatever the locale", "[screen][width]") {
  CHECK(columns_of("") == 0);
  CHECK(columns_of("plain") == 5);
  CHECK(columns_of("naïve") == 5);
  CHECK(columns_of("e\u0301te\u0301") == 3);  // the accents stand over the letters
  CHECK(columns_of("日本語") == 6);
  CHECK(columns_of("ｆｕｌｌ") == 8);
  CHECK(columns_of("ﾊﾝｶｸ") == 4);
  CHECK(columns_of("🦀 ok") == 5);
  CHECK(columns_of("→ · █ ░ …") == 9);
  CHECK(columns_of("a\u200bb") == 2);
}

TEST_CASE("text is cut between characters, and not behind half of a wide one", "[screen][width]") {
  CHECK(fitting("日本語", 5) == "日本");
  CHECK(fitting("日本語", 6) == "日本語");
  CHECK(fitting("e\u0301te", 1) == "e\u0301");
  CHECK(fitting("abc", 0).empty());
}

TEST_CASE("a name is shortened in the middle, where it matters least", "[screen][width]") {
  CHECK(shortened("lmstudio::openai/gpt-oss-20b", 40) == "lmstudio::openai/gpt-oss-20b");
  CHECK(shortened("lmstudio::openai/gpt-oss-20b", 15) == "lmstudi…oss-20b");
  CHECK(shortened("日本語の模型", 6) == "日…型");
  for (const std::string text :
       {"日本語の模型", "e\u0301e\u0301e\u0301e\u0301e\u0301", "🦀🦀🦀🦀", "abcdefgh"})
    for (std::size_t columns = 0; columns < 12; ++columns) {
      INFO(text << " in " << columns);
      CHECK(columns_of(shortened(text, columns)) <= columns);
    }
}

TEST_CASE("lines wrap at words, and only a word without room is broken", "[screen][width]") {
  CHECK(wrapped("the quick brown fox", 10) == Lines{"the quick", "brown fox"});
  CHECK(wrapped("the quick brown fox", 9) == Lines{"the quick", "brown fox"});
  CHECK(wrapped("one\n\ntwo", 10) == Lines{"one", "", "two"});
  CHECK(wrapped("", 10) == Lines{""});
  CHECK(wrapped("  set in", 5) == Lines{"  set", "in"});
  CHECK(wrapped("incomprehensible", 6) == Lines{"incomp", "rehens", "ible"});
  CHECK(wrapped("an incomprehensible", 6) == Lines{"an", "incomp", "rehens", "ible"});
  CHECK(wrapped("日本語の模型 ok", 5) == Lines{"日本", "語の", "模型", "ok"});
  CHECK(wrapped("日", 1) == Lines{"日"});
  CHECK(wrapped("ends  ", 4) == Lines{"ends"});
}

TEST_CASE("wrapped text keeps how far its lines are set in", "[screen][width]") {
  CHECK(wrapped_text("hint: choose another one\n", 12, 2) == "hint: choose\n  another\n  one\n");
  CHECK(wrapped_text("  hint: choose another\n", 14, 2) == "  hint: choose\n    another\n");
  CHECK(wrapped_text("a\n\nb", 10) == "a\n\nb\n");
  CHECK(wrapped_text("", 10).empty());
}
