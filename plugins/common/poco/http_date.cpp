// SPDX-License-Identifier: MIT
#include "common/errors/http_date.hpp"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <Poco/Timestamp.h>

extern "C" [[gnu::visibility("default")]] tachikoma::kit::ReadHttpDate tachikoma_read_http_date;

std::optional<double> tachikoma_read_http_date(const std::string& text) {
  int zone = 0;
  Poco::DateTime date;
  const bool has_time = text.find(':') != std::string::npos;  // POCO reads a date into almost any word
  if (!has_time || !Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, text, date, zone))
    return std::nullopt;
  return static_cast<double>(date.timestamp().epochMicroseconds()) / 1e6;
}
