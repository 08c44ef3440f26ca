// SPDX-License-Identifier: MIT
// Asks a model that can see about an image.
//   usage: describe_image CONFIG MODEL IMAGE
#include <iostream>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::cerr << "usage: describe_image CONFIG MODEL IMAGE\n";
    return 2;
  }
  Runtime runtime = Runtime::open(argv[1]).value();
  const Image image = image_file(argv[3]).value();
  const Reply reply =
      runtime.generate_text({.model = argv[2], .messages = {user("What is in this image?", {image})}})
          .value();
  std::cout << reply.text << '\n';
} catch (const Exception& failure) {
  std::cerr << failure.what() << '\n';
  return 1;
}
