// SPDX-License-Identifier: MIT
// Loads a model, and tells each failure that a user can do something about from the others.
//   usage: error_handling CONFIG MODEL
#include <cstdint>
#include <iostream>
#include <string>

#include <tachikoma/tachikoma.hpp>

using namespace tachikoma;

namespace {

std::string gigabytes(std::int64_t bytes) {
  return bytes < 0 ? "an unknown amount" : std::to_string(bytes / 1'000'000'000) + " GB";
}

void load(Runtime& runtime, const std::string& model) {
  try {
    const LoadedModel loaded = runtime.load_model(model).value();
    std::cout << "loaded as " << loaded.instance << '\n';
  } catch (const InsufficientMemory& failure) {
    std::cout << "not enough memory: it needs " << gigabytes(failure.required()) << ", and "
              << gigabytes(failure.available())
              << " is free\ntry a smaller quantization, or a shorter context\n";
  } catch (const ModelNotFound& failure) {
    std::cout << "there is no model '" << failure.name() << "'; similar names:";
    for (const std::string& name : failure.near()) std::cout << ' ' << name;
    std::cout << '\n';
  } catch (const Unreachable& failure) {
    std::cout << failure.what() << '\n';
  } catch (const Timeout& failure) {
    std::cout << "it took longer than the clock '" << failure.clock() << "' allows\n";
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: error_handling CONFIG MODEL\n";
    return 2;
  }
  Runtime runtime = Runtime::open(argv[1]).value();
  load(runtime, argv[2]);

  // without exceptions: the same error, as a value
  const Result<Reply> reply = runtime.generate_text({.model = argv[2], .messages = {user("Hello")}});
  if (!reply) {
    const Error& error = reply.error();
    std::cout << to_string(error.code) << ": " << error.message << '\n' << "next: " << error.hint << '\n';
    return error.retryable ? 3 : 1;
  }
  std::cout << reply->text << '\n';
} catch (const Exception& failure) {  // all that has no handler of its own
  std::cerr << failure.what() << '\n';
  return 1;
}
