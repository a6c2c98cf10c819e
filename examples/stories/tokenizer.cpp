#include "tokenizer.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "tenon/io/file.hpp"

namespace tn = tenon;

Tokenizer::Tokenizer(const std::string& path, std::int32_t count) {
  const auto bytes = tn::io::read_file(path);
  std::size_t at = sizeof(std::int32_t);  // the longest token's length stands first
  const auto take = [&](void* to, std::size_t n) {
    if (n > bytes.size() || at > bytes.size() - n)
      throw tn::FileError({}, path + ": the file ends before token " + std::to_string(text_.size()),
                          "give the tokenizer that belongs to the model");
    std::memcpy(to, bytes.data() + at, n);
    at += n;
  };
  for (std::int32_t i = 0; i < count; ++i) {
    float score = 0;
    std::int32_t length = 0;
    take(&score, sizeof score);
    take(&length, sizeof length);
    if (length < 0 || static_cast<std::size_t>(length) > bytes.size())
      throw tn::FileError({}, path + ": token " + std::to_string(i) + " has no length", "fetch the file again");
    std::string text(static_cast<std::size_t>(length), ' ');
    take(text.data(), text.size());
    text_.push_back(std::move(text));
    score_.push_back(score);
  }
}

std::int32_t Tokenizer::find(const std::string& text) const {
  const auto at = std::find(text_.begin(), text_.end(), text);
  return at == text_.end() ? -1 : static_cast<std::int32_t>(at - text_.begin());
}

std::vector<std::int32_t> Tokenizer::encode(const std::string& text) const {
  std::vector<std::int32_t> tokens = {start};
  if (!text.empty()) tokens.push_back(find(" "));
  for (std::size_t i = 0; i < text.size();) {
    std::size_t n = 1;
    while (i + n < text.size() && (static_cast<unsigned char>(text[i + n]) & 0xc0) == 0x80) ++n;
    if (const std::int32_t whole = find(text.substr(i, n)); whole >= 0) tokens.push_back(whole);
    else
      for (std::size_t k = 0; k < n; ++k)  // tokens of single bytes follow three special ones
        tokens.push_back(static_cast<std::int32_t>(static_cast<unsigned char>(text[i + k])) + 3);
    i += n;
  }
  for (;;) {
    std::size_t best = 0;
    std::int32_t joined = -1;
    for (std::size_t i = 1; i + 1 < tokens.size(); ++i) {
      const auto name = [&](std::size_t k) { return text_[static_cast<std::size_t>(tokens[k])]; };
      const std::int32_t pair = find(name(i) + name(i + 1));
      const auto score = [&](std::int32_t t) { return score_[static_cast<std::size_t>(t)]; };
      if (pair >= 0 && (joined < 0 || score(pair) > score(joined))) best = i, joined = pair;
    }
    if (joined < 0) return tokens;
    tokens[best] = joined;
    tokens.erase(tokens.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

std::string Tokenizer::decode(std::int32_t before, std::int32_t token) const {
  const std::string& text = text_[static_cast<std::size_t>(token)];
  if (before == start && !text.empty() && text[0] == ' ') return text.substr(1);
  unsigned byte = 0;
  if (std::sscanf(text.c_str(), "<0x%02X>", &byte) == 1) return std::string(1, static_cast<char>(byte));
  return text;
}
