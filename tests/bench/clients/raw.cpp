// SPDX-License-Identifier: MIT
// The limit: sockets and no library, epoll for many at a time, template compare for chunks that repeat.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <unistd.h>

#include <sys/epoll.h>

#include "bench/clients/bodies.hpp"
#include "bench/clients/client.hpp"
#include "bench/clients/raw_stream.hpp"

namespace tachikoma::bench {
namespace {

class RawClient final : public Client {
 public:
  RawClient(const std::string& base_url, std::vector<std::string> messages)
      : Client(std::move(messages)),
        port_(std::atoi(base_url.c_str() + base_url.rfind(':') + 1)),
        path_(base_url.substr(base_url.find('/', base_url.rfind(':')))),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        one_(port_, reader_) {}
  ~RawClient() override { ::close(epoll_); }

  Tally stream(std::int64_t chunks) override { return in_turn(chat_request(chunks), 1); }

  Tally requests(std::int64_t count) override {
    Tally tally = in_turn(chat_request(1), count);
    tally.chunks = 0;
    return tally;
  }

  Tally json_requests(std::int64_t count) override { return in_turn(chat_request(1, false), count); }

  Tally streams(std::int64_t count, std::int64_t chunks) override {
    return at_a_time(chat_request(chunks), count, count);
  }

  Tally concurrent(std::int64_t count, std::int64_t width) override {
    Tally tally = at_a_time(chat_request(1), count, width);
    tally.chunks = 0;
    return tally;
  }

  Tally hold(std::int64_t count) override {
    return at_a_time(chat_request(1), count, count, [&] {
      if (sum().chunks == count) sample_process();
    });
  }

 private:
  std::string chat_request(std::int64_t chunks, bool stream = true) const {
    const std::string body = chat_body(messages(), chunks, stream);
    return "POST " + path_ + "/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  Tally in_turn(const std::string& request, std::int64_t count) {
    const Tally before = one_.tally();
    for (std::int64_t i = 0; i < count; ++i) {
      one_.send(request);
      while (!one_.read()) {
      }
    }
    return difference(one_.tally(), before);
  }

  Tally at_a_time(const std::string& request, std::int64_t count, std::int64_t width,
                  const std::function<void()>& on_turn = {}) {
    const Tally before = sum();
    while (std::ssize(all_) < width) add_connection();
    std::int64_t left = count, running = 0;
    for (std::int64_t i = 0; i < width && left > 0; ++i, --left, ++running)
      all_[static_cast<std::size_t>(i)]->send(request);
    while (running > 0) {
      std::array<epoll_event, 64> events;
      const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < ready; ++i) {
        auto& stream = *static_cast<RawStream*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (!stream.read()) continue;
        if (left-- > 0)
          stream.send(request);
        else
          --running;
      }
      if (on_turn) on_turn();
    }
    return difference(sum(), before);
  }

  void add_connection() {
    all_.push_back(std::make_unique<RawStream>(port_, reader_));
    all_.back()->set_blocking(false);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = all_.back().get()}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, all_.back()->fd(), &event);
  }

  static Tally difference(const Tally& after, const Tally& before) {
    return {after.answers - before.answers, after.chunks - before.chunks, after.bytes - before.bytes};
  }

  Tally sum() const {
    Tally all;
    for (const auto& stream : all_) all += stream->tally();
    return all;
  }

  int port_;
  std::string path_;
  RawStream::Reader reader_;
  int epoll_;
  RawStream one_;
  std::vector<std::unique_ptr<RawStream>> all_;
};

}  // namespace

std::unique_ptr<Client> make_client(const std::string& target, std::vector<std::string> messages) {
  return std::make_unique<RawClient>(target, std::move(messages));
}

}  // namespace tachikoma::bench
