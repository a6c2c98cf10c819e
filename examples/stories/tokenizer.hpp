// Words and parts of words as numbers, from a file in the format of llama2.c.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

class Tokenizer {
 public:
  static constexpr std::int32_t start = 1, end = 2;  ///< of a story

  /// Throws what names the file when it cannot be read or holds fewer than `count` tokens.
  Tokenizer(const std::string& path, std::int32_t count);

  /// The text as characters, of which the pair with the best score is joined until none is left (byte pairs). A
  /// character that has no token becomes its bytes.
  std::vector<std::int32_t> encode(const std::string& text) const;
  /// The text of a token, after another one.
  std::string decode(std::int32_t before, std::int32_t token) const;

 private:
  std::int32_t find(const std::string& text) const;
  std::vector<std::string> text_;
  std::vector<float> score_;
};
