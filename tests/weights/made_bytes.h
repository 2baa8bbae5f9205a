#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/weights/byte_source.h"

namespace owrd::weights {

/// `value` in `bytes` bytes, the least first.
inline std::string le(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value & 0xFF);
  return text;
}

/// A source that owns its bytes and counts what is read of them.
class TextSource : public ByteSource {
 public:
  explicit TextSource(std::string text) : text_(std::move(text)) {}
  std::uint64_t size() const override { return text_.size(); }
  std::uint64_t read_bytes() const { return read_bytes_; }

 private:
  Result<Bytes> read_within(std::uint64_t offset, std::size_t length) override {
    read_bytes_ += length;
    return to_bytes(std::string_view(text_).substr(static_cast<std::size_t>(offset), length));
  }

  std::string text_;
  std::uint64_t read_bytes_ = 0;
};

/// A source of which only the first bytes are there: reading behind them is an error.
class HeadOnlySource : public ByteSource {
 public:
  HeadOnlySource(std::string head, std::uint64_t size) : head_(std::move(head)), size_(size) {}
  std::uint64_t size() const override { return size_; }

 private:
  Result<Bytes> read_within(std::uint64_t offset, std::size_t length) override {
    if (offset > head_.size()) return Error{ErrorCode::Io, "not there"};
    auto bytes = to_bytes(std::string_view(head_).substr(static_cast<std::size_t>(offset), length));
    bytes.resize(length);
    return bytes;
  }

  std::string head_;
  std::uint64_t size_;
};

inline std::string safetensors_file(const std::string& header, std::size_t data_bytes) {
  return le(header.size(), 8) + header + std::string(data_bytes, '\1');
}

/// The pieces of a GGUF file, in the order in which they follow each other.
struct MadeGguf {
  std::uint32_t version = 3;
  std::uint64_t tensors = 0;
  std::uint64_t pairs = 0;
  std::string body = {};

  MadeGguf& pair(std::string_view key, std::uint32_t kind, const std::string& value) {
    ++pairs;
    body += string(key) + le(kind, 4) + value;
    return *this;
  }
  MadeGguf& text(std::string_view key, std::string_view value) {
    return pair(key, 8, string(value));
  }
  /// The fastest dimension first, as the format wants.
  MadeGguf& tensor(std::string_view name, std::initializer_list<std::uint64_t> shape,
                   std::uint32_t type, std::uint64_t offset) {
    ++tensors;
    body += string(name) + le(shape.size(), 4);
    for (const auto dimension : shape) body += le(dimension, 8);
    body += le(type, 4) + le(offset, 8);
    return *this;
  }
  /// With `data_bytes` behind the padding; -1 for none of both.
  std::string file(int data_bytes = -1) const {
    auto file = "GGUF" + le(version, 4) + le(tensors, 8) + le(pairs, 8) + body;
    if (data_bytes < 0) return file;
    file.resize((file.size() + 31) / 32 * 32);
    return file + std::string(static_cast<std::size_t>(data_bytes), '\1');
  }
  static std::string string(std::string_view text) {
    return le(text.size(), 8) + std::string(text);
  }
};

}  // namespace owrd::weights
