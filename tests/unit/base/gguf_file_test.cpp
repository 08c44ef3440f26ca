// SPDX-License-Identifier: MIT
#include "base/gguf.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::base;
using namespace tachikoma::testing;

TEST_CASE("a shard is known by its name alone", "[gguf]") {
  const auto shard = read_shard_name("big-Q4-00002-of-00003.gguf");
  REQUIRE(shard);
  CHECK(shard->stem == "big-Q4");
  CHECK(shard->index == 2);
  CHECK(shard->count == 3);
  CHECK(shard->file_name(1) == "big-Q4-00001-of-00003.gguf");
  for (const char* other :
       {"big.gguf", "big-00004-of-00003.gguf", "big-00000-of-00003.gguf", "big-2-of-3.gguf",
        "-00001-of-00001.gguf", "big-00001-of-00003.bin", "big-0000x-of-00003.gguf"})
    CHECK_FALSE(read_shard_name(other));
}

TEST_CASE("a file that can't be read is named", "[gguf]") {
  const TempDir folder;
  const auto missing = read_gguf_file(folder.path() / "none.gguf");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::invalid_argument);
  CHECK_THAT(missing.error().message, ContainsSubstring("none.gguf': the file can't be read (No such file"));
  const auto directory = read_gguf_file(folder.path());
  REQUIRE_FALSE(directory);
  CHECK_THAT(directory.error().message, ContainsSubstring("': it is a folder, not a file"));
  const auto broken = read_gguf_file(folder.write("broken.gguf", "GGUF"));
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == ErrorCode::protocol);
  CHECK_THAT(broken.error().message, ContainsSubstring("broken.gguf': at byte 4: the file is cut short"));
}
