// The text that the program learns, as numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Characters that a network looks at: pieces of text are as long.
inline constexpr std::ptrdiff_t context = 128;

/// Characters are numbered; a text is a list of their numbers.
struct Alphabet {
  static constexpr std::int32_t most = 128;
  std::vector<std::string> characters;  ///< in UTF-8; the last stands for all that have no number

  std::vector<std::int32_t> encode(std::string_view utf8) const;
  std::string decode(const std::vector<std::int32_t>& numbers) const;
};

struct Text {
  std::string title;
  Alphabet alphabet;
  std::vector<std::int32_t> train, held_out;  ///< the last tenth is held out
};

/// Reads a text, or Moby-Dick when `path` is empty. Throws what names the file when it cannot be read, or holds
/// less than 100 pieces.
Text load_text(const std::string& path);
