#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/content/files.h"
#include "daemon/engine/bitmap.h"
#include "daemon/release/torrent.h"
#include "daemon/store/store.h"

namespace owrd::engine {

/// What is known of one file of a release.
struct FileState {
  bool is_wanted;
  /// Hashed by owrd and under its final name; its identity tells whether it still is that file.
  bool is_verified = false;
  content::FileIdentity identity;
  /// Why a file that was verified is no longer served; empty otherwise. Then `identity` is the bad
  /// file's (all zero: vanished).
  std::string damage;
  /// While it is not verified, pieces in the staging directory: arrived, and of those the ones that
  /// survive a crash.
  Bitmap arrived;
  Bitmap durable;
  /// The staged file was hashed and good, when it was this.
  std::optional<content::FileIdentity> checked;
};

/// The files of a release, by their index in the torrent, and the sums over them.
class FileTable {
 public:
  FileTable(const release::Torrent& torrent, const std::vector<bool>& wanted,
            const std::vector<store::StoredFile>& stored);

  std::size_t size() const { return states_.size(); }
  FileState& operator[](std::size_t index) { return states_[index]; }
  const FileState& operator[](std::size_t index) const { return states_[index]; }

  void set_wanted(const std::vector<bool>& wanted);
  /// A piece of the torrent has arrived. Returns the file it belongs to when that is now complete.
  std::optional<std::size_t> arrive(std::uint32_t piece);
  /// A piece (counted within the file) is staged and durable.
  void set_staged(std::size_t index, std::uint32_t piece);
  /// After a crash of the worker: what was not durable is not there.
  void forget_what_is_not_durable();
  void set_verified(std::size_t index, const content::FileIdentity& identity);
  /// These pieces (counted within the file) have to be fetched again; all others of the file are
  /// staged.
  void set_bad(std::size_t index, const std::vector<std::uint32_t>& bad_pieces);
  void set_missing(std::size_t index);
  void set_damaged(std::size_t index, std::string damage, const content::FileIdentity& identity);

  bool is_all_verified() const;
  bool has_arrived(std::size_t index) const {
    return states_[index].is_verified || states_[index].arrived.all();
  }
  std::vector<std::size_t> wanted_unverified() const;

  std::uint64_t bytes_here(std::size_t index) const;
  std::uint64_t bytes_wanted() const;
  std::uint64_t bytes_wanted_here() const;

  /// Of the whole torrent: what lies in the staging directory and is durable, or what is verified.
  Bitmap staged_pieces() const;
  Bitmap verified_pieces() const;

  store::StoredFile row(std::size_t index) const;
  std::vector<store::StoredFile> rows() const;

 private:
  std::size_t file_of(std::uint32_t piece) const;

  const release::Torrent& torrent_;
  std::vector<FileState> states_;
};

}  // namespace owrd::engine
