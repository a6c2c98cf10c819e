// The outcome of reading something that the program does not control: files, user data.
#pragma once

#include <optional>
#include <utility>

#include "tenon/base/error.hpp"

namespace tenon::inline TENON_ABI {

/// A T, or the error that kept it from being made. Functions named try_x return it; their twin x throws the error.
template <class T> class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(FileError error) : error_(std::move(error)) {}

  explicit operator bool() const noexcept { return value_.has_value(); }
  /// The value; throws the error when there is none.
  T& value() & { return check(), *value_; }
  const T& value() const& { return check(), *value_; }
  T&& value() && { return check(), std::move(*value_); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  /// Pre: the result holds no value.
  const FileError& error() const { return error_.value(); }

 private:
  void check() const {
    if (!value_) throw *error_;
  }
  std::optional<T> value_;
  std::optional<FileError> error_;
};

}  // namespace tenon::inline TENON_ABI
