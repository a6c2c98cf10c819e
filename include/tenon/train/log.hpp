// What a training measured, row by row: for a file, a chart, or a look back.
#pragma once

#include <charconv>
#include <initializer_list>

#include "tenon/io/file.hpp"

namespace tenon::inline TENON_ABI::train {

/// A table of numbers with named columns: `Log log({"epoch", "loss"}); log.add({1, 0.5}); log.write("curves.csv");`
class Log {
 public:
  explicit Log(std::vector<std::string> columns) : names_(std::move(columns)), values_(names_.size()) {}

  /// One row. Throws ValueError unless it has a number for each column.
  void add(std::initializer_list<double> row, Loc at = Loc::current()) {
    if (row.size() != names_.size())
      throw ValueError(at,
                       "tenon::train::Log: " + std::to_string(row.size()) + " numbers for " +
                           std::to_string(names_.size()) + " columns",
                       "give one number for each column that the constructor named");
    auto column = values_.begin();
    for (auto& all : values_)  // first all the room, so that no column gets a number that another one lacks
      if (all.size() == all.capacity()) all.reserve(2 * all.size() + 8);
    for (double x : row) (column++)->push_back(x);
  }
  Index rows() const { return names_.empty() ? 0 : static_cast<Index>(values_[0].size()); }
  const std::vector<std::string>& columns() const { return names_; }
  /// All numbers of a column. Throws ValueError when there is none of this name.
  const std::vector<double>& operator[](std::string_view name) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == name) return values_[i];
    throw ValueError({}, "tenon::train::Log: no column is called '" + std::string(name) + "'",
                     "columns() lists the names");
  }
  /// With a header; numbers with as many digits as bring them back exactly, nan and inf by name. Names are quoted where
  /// they must be.
  TENON_COLD std::string to_csv() const {
    std::string s;
    for (std::size_t i = 0; i < names_.size(); ++i) (s += i ? "," : "") += quoted(names_[i]);
    s += '\n';
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows()); ++row) {
      for (std::size_t i = 0; i < values_.size(); ++i) {
        if (i) s += ',';
        char digits[40];
        s.append(digits, std::to_chars(digits, digits + sizeof digits, values_[i][row]).ptr);
      }
      s += '\n';
    }
    return s;
  }
  Result<Index> try_write(const std::string& path) const { return io::try_write_text(path, to_csv()); }
  void write(const std::string& path) const { io::write_text(path, to_csv()); }

 private:
  static std::string quoted(const std::string& name) {
    if (name.find_first_of(",\"\r\n") == std::string::npos) return name;
    std::string s = "\"";
    for (char c : name) s.append(c == '"' ? 2 : 1, c);
    return s + '"';
  }
  std::vector<std::string> names_;
  std::vector<std::vector<double>> values_;
};

}  // namespace tenon::inline TENON_ABI::train
