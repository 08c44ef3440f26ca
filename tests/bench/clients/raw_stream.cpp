// SPDX-License-Identifier: MIT
#include "bench/clients/raw_stream.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace tachikoma::bench {
namespace {

int connect_to(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("the raw client can't connect");
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

// The bytes of a JSON string once its escapes are decoded; those of this server have none by number.
std::int64_t decoded_size(std::string_view raw) {
  auto size = static_cast<std::int64_t>(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i)
    if (raw[i] == '\\') --size, ++i;
  return size;
}

// True if a JSON string's inside ends where `raw` ends.
bool is_one_string(std::string_view raw) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '"') return false;
    if (raw[i] == '\\' && ++i == raw.size()) return false;
  }
  return true;
}

}  // namespace

RawStream::RawStream(int port, Reader& reader) : fd_(connect_to(port)), reader_(reader) {}

RawStream::~RawStream() { ::close(fd_); }

void RawStream::set_blocking(bool blocking) { ::fcntl(fd_, F_SETFL, blocking ? 0 : O_NONBLOCK); }

void RawStream::send(std::string_view request) {
  while (!request.empty()) {
    const ssize_t count = ::send(fd_, request.data(), request.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) throw std::runtime_error("the raw client can't send");
    if (count > 0) request.remove_prefix(static_cast<std::size_t>(count));
  }
}

bool RawStream::read() {
  std::vector<char>& buffer = reader_.buffer;
  if (buffer.size() < 2 * kept_.size() + simdjson::SIMDJSON_PADDING) buffer.resize(4 * kept_.size());
  std::memcpy(buffer.data(), kept_.data(), kept_.size());
  const ssize_t count =
      ::recv(fd_, buffer.data() + kept_.size(), buffer.size() - kept_.size() - simdjson::SIMDJSON_PADDING, 0);
  if (count < 0 && errno == EAGAIN) return false;
  if (count <= 0) throw std::runtime_error("the server closed the raw client's connection");
  std::string_view bytes(buffer.data(), kept_.size() + static_cast<std::size_t>(count));
  bool whole = false;
  if (in_body_ || take_head(bytes)) whole = length_ > 0 ? take_json(bytes) : take_chunks(bytes);
  kept_.assign(bytes);
  if (!whole) return false;
  in_body_ = false;
  ++tally_.answers;
  return true;
}

bool RawStream::take_head(std::string_view& bytes) {
  constexpr std::string_view kLength = "Content-Length: ";
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  const std::string_view head = bytes.substr(0, end);
  if (head.substr(0, 12) != "HTTP/1.1 200") throw std::runtime_error("the server refused a raw request");
  const std::size_t at = head.find(kLength);
  length_ = at == std::string_view::npos ? 0 : std::strtoul(head.data() + at + kLength.size(), nullptr, 10);
  bytes.remove_prefix(end + 4);
  in_body_ = true;
  return true;
}

// True once the last chunk has come.
bool RawStream::take_chunks(std::string_view& bytes) {
  for (;;) {
    std::size_t size = 0, digits = 0;
    for (; digits < bytes.size() && bytes[digits] != '\r'; ++digits) {
      const char c = bytes[digits];
      size = size * 16 + static_cast<std::size_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    if (bytes.size() < digits + 2 + size + 2) return false;
    if (size > 0) on_event(bytes.substr(digits + 2, size));
    bytes.remove_prefix(digits + 2 + size + 2);
    if (size == 0) return true;
  }
}

bool RawStream::take_json(std::string_view& bytes) {
  if (bytes.size() < length_) return false;
  simdjson::ondemand::document document =
      reader_.parser.iterate(bytes.data(), length_, length_ + simdjson::SIMDJSON_PADDING);
  const std::string_view content = document["choices"].at(0)["message"]["content"];
  tally_.bytes += static_cast<std::int64_t>(content.size());
  bytes.remove_prefix(length_);
  return true;
}

void RawStream::on_event(std::string_view payload) {
  if (!before_.empty() && payload.size() > before_.size() + after_.size() &&
      std::memcmp(payload.data(), before_.data(), before_.size()) == 0 && payload.ends_with(after_)) {
    const std::string_view content =
        payload.substr(before_.size(), payload.size() - before_.size() - after_.size());
    if (is_one_string(content)) {
      ++tally_.chunks;
      tally_.bytes += decoded_size(content);
      return;
    }
  }
  if (payload.substr(0, 7) == "data: {" && payload.ends_with("\n\n")) return parse(payload);
  if (payload != "data: [DONE]\n\n") throw std::runtime_error("the raw client reads one event per chunk");
}

void RawStream::parse(std::string_view payload) {
  const std::string_view json = payload.substr(6, payload.size() - 8);
  simdjson::ondemand::document document;
  if (reader_.parser.iterate(json.data(), json.size(), json.size() + simdjson::SIMDJSON_PADDING)
          .get(document))
    throw std::runtime_error("the raw client can't parse a chunk");
  simdjson::ondemand::value value;
  if (document["choices"].at(0)["delta"]["content"].get(value)) return;
  std::string_view raw = value.raw_json_token();
  raw = raw.substr(1, raw.rfind('"') - 1);
  std::string_view content;
  if (value.get_string().get(content)) return;
  ++tally_.chunks;
  tally_.bytes += static_cast<std::int64_t>(content.size());
  before_.assign(payload.data(), raw.data());
  after_.assign(raw.data() + raw.size(), payload.data() + payload.size());
}

}  // namespace tachikoma::bench
