#include "daemon/content/file_stream.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"

namespace owrd::content {
namespace {

namespace fs = std::filesystem;

constexpr auto kChunkBytes = hash::LayerHasher::kChunkBytes;

Error changed(const fs::path& what, const std::string& how) {
  return {
      ErrorCode::Corrupt, "hashing " + what.string() + ": it " + how,
      "run the command again when nothing writes to " + shell_quote(what.parent_path().string())};
}

/// A file that is gone or can be opened no more was there when the directory was scanned.
Error changed_or_broken(const fs::path& what, const Error& error) {
  return error.code == ErrorCode::NotFound ? changed(what, "vanished meanwhile") : error;
}

}  // namespace

Result<std::unique_ptr<FileStream>> FileStream::open(const fs::path& directory,
                                                     const ScannedFile& file,
                                                     std::uint64_t piece_length,
                                                     std::uint64_t job_bytes,
                                                     std::vector<hash::Range> ranges) {
  const auto what = directory / file.path;
  auto opened = open_file(directory, file.path);
  if (!opened) return changed_or_broken(what, opened.error());
  const auto before = identify(*opened, what);
  if (!before) return before.error();
  if (*before != file.identity) return changed(what, "changed meanwhile");
  return std::unique_ptr<FileStream>(new FileStream(directory, file, piece_length, job_bytes,
                                                    std::move(ranges), std::move(*opened)));
}

FileStream::FileStream(const fs::path& directory, const ScannedFile& file,
                       std::uint64_t piece_length, std::uint64_t job_bytes,
                       std::vector<hash::Range> ranges, Descriptor opened)
    : directory_(directory),
      file_(file),
      what_(directory / file.path),
      piece_length_(piece_length),
      chunks_(static_cast<std::size_t>((file.identity.size + kChunkBytes - 1) / kChunkBytes)),
      opened_(std::move(opened)),
      pass_(opened_, file.identity.size, job_bytes),
      layer_(file.identity.size, piece_length),
      ranges_(std::move(ranges)) {}

std::uint64_t FileStream::offset_of(std::size_t chunk) const { return chunk * kChunkBytes; }

std::uint64_t FileStream::length_of(std::size_t chunk) const {
  return std::min(kChunkBytes, file_.identity.size - offset_of(chunk));
}

Result<> FileStream::read(std::size_t chunk, Bytes& buffer) {
  buffer.resize(static_cast<std::size_t>(length_of(chunk)));
  const auto got = read_at(opened_, buffer, offset_of(chunk), what_);
  if (!got) return got.error();
  if (*got != buffer.size()) return changed(what_, "became shorter meanwhile");
  pass_.finish(opened_, offset_of(chunk), length_of(chunk));
  layer_.add(offset_of(chunk), buffer);
  return Done{};
}

Result<hash::FileDigests> FileStream::finish() {
  // By its name: a file that was replaced leaves the open one as it was.
  const auto after = identify(directory_, file_.path);
  if (!after) return changed_or_broken(what_, after.error());
  if (*after != file_.identity) return changed(what_, "changed meanwhile");

  hash::FileDigests digests{flat_.finish(), std::nullopt, {}, ranges_.finish()};
  digests.layer.reserve(layer_.pieces());
  for (std::size_t piece = 0; piece < layer_.pieces(); ++piece)
    digests.layer.push_back(layer_.piece(piece).value());
  if (!digests.layer.empty())
    digests.pieces_root = hash::root_of_layer(digests.layer, piece_length_);
  return digests;
}

}  // namespace owrd::content
