// SPDX-License-Identifier: MIT
#include "base/base64.hpp"

#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

using namespace tachikoma;

TEST_CASE("base64 goes both ways, as RFC 4648 has it", "[base]") {
  const std::vector<std::pair<std::string, std::string>> cases = {{"", ""},
                                                                  {"f", "Zg=="},
                                                                  {"fo", "Zm8="},
                                                                  {"foo", "Zm9v"},
                                                                  {"foob", "Zm9vYg=="},
                                                                  {"fooba", "Zm9vYmE="},
                                                                  {"foobar", "Zm9vYmFy"},
                                                                  {"\xfb\xff\xfe", "+//+"}};
  for (const auto& [bytes, text] : cases) {
    std::string written;
    base::append_base64(written, bytes);
    CHECK(written == text);
    CHECK(base::decode_base64(text) == bytes);
  }
  std::string all, written;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  base::append_base64(written, all);
  CHECK(base::decode_base64(written) == all);
}

TEST_CASE("what no encoder writes is no base64", "[base]") {
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zg===", "Zm9v\n", " Zm9v", "Zm=v", "Zh==", "Zm9=", "Zm9-", "====", "="}) {
    INFO(text);
    CHECK_FALSE(base::decode_base64(text));
  }
}
