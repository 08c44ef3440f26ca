// SPDX-License-Identifier: MIT
// CPU time per streamed chunk, through the whole public API and through libcurl + simdjson, round by round
// in turn. User and system time of this process, all threads; the server is another process.
//   usage: bench-stream [CHUNKS [ROUNDS]]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <vector>

#include <sys/resource.h>

#include "bench/curl_client.hpp"
#include "bench/replay_server.hpp"
#include "bench/tachikoma_client.hpp"

namespace {

using namespace tachikoma::bench;

constexpr std::int64_t kWarmUp = 2000;

double cpu_microseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto microseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
}

double microseconds_per_chunk(Client& client, std::int64_t chunks) {
  const double before = cpu_microseconds();
  const Received received = client.stream(chunks);
  const double spent = cpu_microseconds() - before;
  if (received != ReplayServer::expected(chunks))
    throw std::runtime_error("a client missed chunks: " + std::to_string(received.chunks) + " of " +
                             std::to_string(chunks) + ", " + std::to_string(received.bytes) + " bytes");
  return spent / static_cast<double>(chunks);
}

double median(std::vector<double> numbers) {
  std::nth_element(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2),
                   numbers.end());
  return numbers[numbers.size() / 2];
}

void run(std::int64_t chunks, std::int64_t rounds) {
  const ReplayServer server;
  const auto tachikoma = make_tachikoma_client(server.base_url());
  const auto curl = make_curl_client(server.base_url());
  microseconds_per_chunk(*tachikoma, kWarmUp);
  microseconds_per_chunk(*curl, kWarmUp);
  std::vector<double> ours, theirs;
  for (std::int64_t round = 0; round < rounds; ++round) {
    ours.push_back(microseconds_per_chunk(*tachikoma, chunks));
    theirs.push_back(microseconds_per_chunk(*curl, chunks));
  }
  std::printf(
      "stream: tachikoma %.3f µs/chunk, libcurl+simdjson %.3f µs/chunk, ratio %.2f (%lld rounds, %lld "
      "chunks)\n",
      median(ours), median(theirs), median(ours) / median(theirs), static_cast<long long>(rounds),
      static_cast<long long>(chunks));
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t chunks = argc > 1 ? std::atoll(argv[1]) : 200000;
  const std::int64_t rounds = argc > 2 ? std::atoll(argv[2]) : 5;
  if (argc > 3 || chunks < 1 || rounds < 1) {
    std::fputs("usage: bench-stream [CHUNKS [ROUNDS]]\n", stderr);
    return 2;
  }
  try {
    run(chunks, rounds);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench-stream: %s\n", failure.what());
    return 1;
  }
}
