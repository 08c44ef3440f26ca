// SPDX-License-Identifier: MIT
#include "tools/tachikoma/table.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "tools/tachikoma/width.hpp"

using namespace tachikoma::cli;

namespace {

using Rows = std::vector<std::vector<std::string>>;

const Rows kModels{{"ADDRESS", "SIZE", "STATE", "CONTEXT"},
                   {"lmstudio::openai/gpt-oss-20b", "12.1 GB", "loaded", "16384"},
                   {"lmstudio::日本語の模型", "4.0 GB", "not_loaded", "-"}};

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    widest = std::max(widest, columns_of(std::string_view(text).substr(at, end - at)));
    at = end + 1;
  }
  return widest;
}

}  // namespace

TEST_CASE("a table that has room is whole, and wide letters are counted as such", "[screen][table]") {
  CHECK(table(kModels, {.right = {1, 3}, .names = {0}, .optional = {3}}, 80) ==
        "ADDRESS                          SIZE  STATE       CONTEXT\n"
        "lmstudio::openai/gpt-oss-20b  12.1 GB  loaded        16384\n"
        "lmstudio::日本語の模型         4.0 GB  not_loaded        -\n");
}

TEST_CASE("where there is no room, columns are left out, and names shortened in the middle",
          "[screen][table]") {
  const TableForm form{.right = {1, 3}, .names = {0}, .optional = {3, 1}};
  CHECK(table(kModels, {.right = {1, 3}, .names = {0}}, 56) ==
        "ADDRESS                        SIZE  STATE       CONTEXT\n"
        "lmstudio::ope…/gpt-oss-20b  12.1 GB  loaded        16384\n"
        "lmstudio::日本語の模型       4.0 GB  not_loaded        -\n");
  CHECK(table(kModels, form, 40) ==
        "ADDRESS                       STATE\n"
        "lmstudio::openai/gpt-oss-20b  loaded\n"
        "lmstudio::日本語の模型        not_loaded\n");
}

TEST_CASE("no line of a table is wider than the room, down to a few columns", "[screen][table]") {
  for (std::size_t room = 16; room < 90; ++room) {
    INFO(room);
    CHECK(widest_line(table(kModels, {.right = {1, 3}, .names = {0}, .optional = {3, 1}}, room)) <= room);
    CHECK(widest_line(table(kModels, {.names = {0}, .optional = {1}, .prose = 3}, room)) <= room);
  }
}

TEST_CASE("sentences in a table wrap in their column, or stand below where it is too narrow",
          "[screen][table]") {
  const Rows facts{{"context", "16384 tokens", "reported by the server when it was asked"},
                   {"memory", "unknown", ""}};
  const TableForm form{.prose = 2, .heading = false};
  CHECK(table(facts, form, 48) ==
        "context  16384 tokens  reported by the server\n"
        "                       when it was asked\n"
        "memory   unknown\n");
  CHECK(table(facts, form, 30) ==
        "context  16384 tokens\n"
        "    reported by the server\n"
        "    when it was asked\n"
        "memory   unknown\n");
}
