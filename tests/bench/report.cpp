// SPDX-License-Identifier: MIT
#include "bench/report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace tachikoma::bench {
namespace {

using Read = double (*)(const Figures&, std::int64_t);

Cell cell_of(const Results::Entry& entry, Read read) {
  std::vector<double> numbers;
  for (const Figures& figures : entry.rounds) numbers.push_back(read(figures, entry.units));
  std::sort(numbers.begin(), numbers.end());
  const std::size_t middle = numbers.size() / 2;
  const double median =
      numbers.size() % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
  return {median, numbers.front(), numbers.back()};
}

std::vector<Line> lines_of(const Results& results) {
  std::vector<Line> lines;
  for (const Workload& workload : workloads())
    for (const Row& row : workload.rows) {
      Line line{row.label, row.unit, name_of(row.base)};
      for (const Peer peer : kPeers)
        if (const Results::Entry* entry = results.find(workload.name, peer))
          line.cells[peer] = cell_of(*entry, row.read);
      if (line.cells.empty()) continue;
      const auto ours = line.cells.find(Peer::tachikoma), base = line.cells.find(row.base);
      if (ours != line.cells.end() && base != line.cells.end() && base->second.median > 0)
        line.ratio = ours->second.median / base->second.median;
      lines.push_back(std::move(line));
    }
  return lines;
}

std::vector<GrowthLine> growth_lines_of(const Results& results) {
  std::vector<GrowthLine> lines;
  for (const Growth& growth : growths()) {
    GrowthLine line{growth.label, growth.unit};
    for (const Peer peer : kPeers) {
      const Results::Entry* first = results.find(growth.first, peer);
      const Results::Entry* last = results.find(growth.last, peer);
      if (first && last)
        line.steps[peer] = {cell_of(*first, growth.read).median, cell_of(*last, growth.read).median};
    }
    if (!line.steps.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

double our_growth(const GrowthLine& line) {
  const auto ours = line.steps.find(Peer::tachikoma);
  return ours == line.steps.end() ? 0 : ours->second.ratio();
}

// three significant digits; an en dash for what there is not
std::string number_text(double number) {
  if (number == 0) return "0";
  const double size = std::abs(number);
  const int digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}
std::string ratio_text(double ratio) { return ratio == 0 ? "–" : number_text(ratio); }

// printf pads by bytes; this one by letters
std::string padded(const std::string& text, std::size_t width, bool right = true) {
  const auto letters = static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  const std::string blanks(width > letters ? width - letters : 0, ' ');
  return right ? blanks + text : text + blanks;
}

std::string change_text(const Value& old_rows, const std::string& label, double ratio) {
  for (const Value& row : old_rows.elements()) {
    if (row["label"].as_string() != label) continue;
    const double before = row["ratio"].as_real();
    if (before == 0 || ratio == 0) return "";
    char text[64];
    std::snprintf(text, sizeof text, "  %.2f → %.2f (%+.0f %%)", before, ratio, (ratio / before - 1) * 100);
    return text;
  }
  return "  new";
}

void print_lines(const std::vector<Line>& lines, const Value& old, bool with_npm) {
  const auto cell = [](const Line& line, Peer peer) {
    const auto found = line.cells.find(peer);
    return padded(found == line.cells.end() ? "–" : number_text(found->second.median), 11);
  };
  std::puts((padded("", 36, false) + padded("unit", 12, false) + padded("tachikoma", 11) +
             padded("libcurl", 11) + padded("ratio", 8) + padded("raw", 11) +
             (with_npm ? padded("npm", 11) : "") + (old.is_null() ? "" : "  ratio before → now"))
                .c_str());
  for (const Line& line : lines)
    std::puts((padded(line.label, 36, false) + padded(line.unit, 12, false) + cell(line, Peer::tachikoma) +
               cell(line, Peer::curl) + padded(ratio_text(line.ratio), 8) + cell(line, Peer::raw) +
               (with_npm ? cell(line, Peer::npm) : "") +
               (old.is_null() ? "" : change_text(old["rows"], line.label, line.ratio)))
                  .c_str());
}

void print_growths(const std::vector<GrowthLine>& lines, const Value& old, bool with_npm) {
  const auto step = [](const GrowthLine& line, Peer peer) {
    const auto found = line.steps.find(peer);
    if (found == line.steps.end()) return padded("–", 24);
    const auto& [first, last] = found->second;
    return padded(number_text(first) + " → " + number_text(last) + " ×" + ratio_text(found->second.ratio()),
                  24);
  };
  std::puts(("\n" + padded("growth", 42, false) + padded("unit", 12, false) + padded("tachikoma", 24) +
             padded("libcurl", 24) + (with_npm ? padded("npm", 24) : "") +
             (old.is_null() ? "" : "  ratio before → now"))
                .c_str());
  for (const GrowthLine& line : lines)
    std::puts((padded(line.label, 42, false) + padded(line.unit, 12, false) + step(line, Peer::tachikoma) +
               step(line, Peer::curl) + (with_npm ? step(line, Peer::npm) : "") +
               (old.is_null() ? "" : change_text(old["growths"], line.label, our_growth(line))))
                  .c_str());
}

Value number_or_null(double number) { return number == 0 ? Value() : Value(number); }

Value value_of(const Line& line) {
  Value clients = Value::object();
  for (const auto& [peer, cell] : line.cells)
    clients.add(name_of(peer),
                Value::object({{"median", cell.median}, {"least", cell.least}, {"most", cell.most}}));
  return Value::object({{"label", line.label},
                        {"unit", line.unit},
                        {"base", line.base},
                        {"ratio", number_or_null(line.ratio)},
                        {"clients", std::move(clients)}});
}

Value value_of(const GrowthLine& line) {
  Value clients = Value::object();
  for (const auto& [peer, step] : line.steps)
    clients.add(name_of(peer),
                Value::object({{"first", step.first}, {"last", step.last}, {"ratio", step.ratio()}}));
  return Value::object({{"label", line.label},
                        {"unit", line.unit},
                        {"ratio", number_or_null(our_growth(line))},
                        {"clients", std::move(clients)}});
}

}  // namespace

const Results::Entry* Results::find(const std::string& workload, Peer peer) const {
  const auto of_workload = entries_.find(workload);
  if (of_workload == entries_.end()) return nullptr;
  const auto entry = of_workload->second.find(peer);
  return entry == of_workload->second.end() ? nullptr : &entry->second;
}

Report report_of(const Results& results) { return {lines_of(results), growth_lines_of(results)}; }

Value to_value(const Report& report) {
  Value rows = Value::array(), growths = Value::array();
  for (const Line& line : report.lines) rows.push_back(value_of(line));
  for (const GrowthLine& line : report.growths) growths.push_back(value_of(line));
  return Value::object({{"rows", std::move(rows)}, {"growths", std::move(growths)}});
}

void print(const Report& report, const Value& old, bool with_npm) {
  if (!report.lines.empty()) print_lines(report.lines, old, with_npm);
  if (!report.growths.empty()) print_growths(report.growths, old, with_npm);
}

}  // namespace tachikoma::bench
