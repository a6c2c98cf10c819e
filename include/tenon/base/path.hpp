// Where in a module something stands.
#pragma once

#include <string>
#include <string_view>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI {

/// "layers.0.weight" as a chain of stack frames: composed only when somebody asks for the words.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;
  Index number = -1;

  std::string str() const {
    std::string s = parent == nullptr ? std::string() : parent->str();
    if (!s.empty()) s += '.';
    if (number >= 0) return s + std::to_string(number);
    return s += name;
  }
};

}  // namespace tenon::inline TENON_ABI
