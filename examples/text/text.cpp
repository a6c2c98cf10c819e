#include "text.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <map>

#include "tenon/io/gzip.hpp"

namespace tn = tenon;

namespace {

/// Bytes of the character that text begins with; of what is no UTF-8, one. Pre: text is not empty
std::size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t n = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (n > text.size()) return 1;
  for (std::size_t i = 1; i < n; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 1;
  return n;
}
template <class F> void for_each_character(std::string_view text, F f) {
  while (!text.empty()) {
    const std::size_t n = character_length(text);
    f(text.substr(0, n));
    text.remove_prefix(n);
  }
}

/// The most frequent characters, in order, and one for all others.
Alphabet alphabet_of(std::string_view text) {
  std::map<std::string_view, long> count;
  for_each_character(text, [&](std::string_view c) { ++count[c]; });
  std::vector<std::pair<long, std::string_view>> by_count;
  for (const auto& [c, n] : count) by_count.emplace_back(-n, c);
  std::sort(by_count.begin(), by_count.end());
  by_count.resize(std::min(by_count.size(), static_cast<std::size_t>(Alphabet::most - 1)));
  Alphabet a;
  for (const auto& [n, c] : by_count) a.characters.emplace_back(c);
  std::sort(a.characters.begin(), a.characters.end());
  a.characters.emplace_back("\xef\xbf\xbd");
  return a;
}

/// Beside this source file, or where the program is started in the repository.
std::string moby_dick() {
  const std::string here = __FILE__, name = "data/moby-dick.txt.gz";
  const std::string beside = here.substr(0, here.find_last_of('/') + 1) + name;
  struct stat s;
  return ::stat(beside.c_str(), &s) == 0 ? beside : "examples/text/" + name;
}

}  // namespace

std::vector<std::int32_t> Alphabet::encode(std::string_view utf8) const {
  std::vector<std::int32_t> numbers;
  const auto last = characters.end() - 1;
  for_each_character(utf8, [&](std::string_view c) {
    const auto at = std::lower_bound(characters.begin(), last, c);
    numbers.push_back(static_cast<std::int32_t>((at != last && *at == c ? at : last) - characters.begin()));
  });
  return numbers;
}
std::string Alphabet::decode(const std::vector<std::int32_t>& numbers) const {
  std::string text;
  for (const std::int32_t n : numbers) text += characters[std::min(static_cast<std::size_t>(n), characters.size() - 1)];
  return text;
}

Text load_text(const std::string& path) {
  constexpr std::size_t least = 100 * context;
  const std::string file = path.empty() ? moby_dick() : path;
  auto read = tn::io::try_read_file_or_gzip(file);
  if (!read) throw read.error();
  const std::vector<std::byte> bytes = std::move(read).value();
  const std::string_view content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Text text{path.empty() ? "Moby-Dick, by Herman Melville" : path, alphabet_of(content), {}, {}};
  const auto numbers = text.alphabet.encode(content);
  if (numbers.size() < least)
    throw tn::FileError({}, file + ": " + std::to_string(numbers.size()) + " characters are too few to learn from",
                        "give a text of " + std::to_string(least) + " or more");
  const auto cut = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 10 * 9);
  text.train.assign(numbers.begin(), cut);
  text.held_out.assign(cut, numbers.end());
  return text;
}
