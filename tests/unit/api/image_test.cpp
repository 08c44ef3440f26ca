// SPDX-License-Identifier: MIT
#include "tachikoma/image.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

using namespace tachikoma;
using namespace tachikoma::testing;

namespace {

const std::vector<std::pair<std::string, std::string>> kKinds = {{"image/png", "\x89PNG\r\n\x1a\n..."},
                                                                 {"image/jpeg", "\xff\xd8\xff\xe0"},
                                                                 {"image/gif", "GIF89a"},
                                                                 {"image/gif", "GIF87a"},
                                                                 {"image/webp", "RIFF\1\2\3\4WEBPVP8 "},
                                                                 {"image/bmp", "BM...."}};

}  // namespace

TEST_CASE("an image is what its first bytes say, whatever its file is called", "[image]") {
  const TempDir folder;
  for (const auto& [type, bytes] : kKinds) {
    const Image image = image_file(folder.write("picture.txt", bytes)).value();
    CHECK(image.mime_type == type);
    CHECK(image.bytes == bytes);
    CHECK(image_bytes(bytes).value().mime_type == type);
  }
}

TEST_CASE("what is no image is refused by name, with what is one", "[image]") {
  const TempDir folder;
  const auto message = [](const Result<Image>& image) {
    REQUIRE_FALSE(image);
    CHECK(image.error().code == ErrorCode::invalid_argument);
    return image.error().message;
  };
  CHECK(message(image_bytes("<svg/>")) == "the image is not an image in a known format");
  CHECK(message(image_bytes("RIFF....WAVE")) == "the image is not an image in a known format");
  CHECK(message(image_bytes("")) == "the image is empty");
  const std::string missing = (folder.path() / "none.png").string();
  CHECK(message(image_file(missing)) == "the image '" + missing + "' does not exist");
  const std::string text = folder.write("a.png", "text");
  CHECK(message(image_file(text)) == "the image '" + text + "' is not an image in a known format");
  CHECK(message(image_file(folder.path().string())) ==
        "the image '" + folder.path().string() + "' is not a regular file");
  CHECK(message(image_file("/dev/zero")) == "the image '/dev/zero' is not a regular file");
}

TEST_CASE("an image larger than 64 MiB is refused before it is read", "[image]") {
  const TempDir folder;
  const std::string file = folder.write("large.bmp", "BM");
  std::filesystem::resize_file(file, 64 * 1024 * 1024 + 1);
  CHECK(image_file(file).error().message ==
        "the image '" + file + "' has 67108865 bytes; an image has at most 64 MiB");
}

TEST_CASE("a data URL is an image in strict base64", "[image]") {
  CHECK(image_data_url("data:image/gif;base64,R0lGODlh").value().bytes == "GIF89a");
  CHECK(image_data_url("DATA:;BASE64,R0lGODlh").value().mime_type == "image/gif");
  const auto message = [](std::string_view url) { return image_data_url(url).error().message; };
  CHECK(message("https://host/a.png") == "the image is not a data URL");
  CHECK(message("data:image/gif;base64") == "the image is not a data URL");
  CHECK(message("data:image/gif,R0lGODlh") == "the data URL of the image is not in base64");
  CHECK(message("data:image/gif;base64,R0lGOD lh") == "the data URL of the image is not valid base64");
  CHECK(message("data:image/gif;base64,R0lGODl") == "the data URL of the image is not valid base64");
  CHECK(message("data:image/svg+xml;base64,PHN2Zy8+") ==
        "the image in the data URL is not an image in a known format");
}
