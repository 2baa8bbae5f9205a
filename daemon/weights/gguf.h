#pragma once

#include <vector>

#include "daemon/core/result.h"
#include "daemon/weights/byte_source.h"
#include "daemon/weights/inventory.h"
#include "daemon/weights/shards.h"

namespace owrd::weights {

/// Reads header, metadata and tensor table of a GGUF file of version 2 or 3 (ggml, docs/gguf.md and
/// src/gguf.cpp), and none of the data. Refuses big-endian files, which common readers refuse too;
/// names that are there twice or have 64 bytes or more, more than 4 dimensions, misaligned offsets,
/// tensors that overlap or end behind the file. Nothing is allocated by a count of the file's
/// before the file is seen to be long enough for it; header, metadata and table have 256 MiB at
/// most.
///
/// Warns of an order of the tensors that llama.cpp refuses, of holes and bytes left over, and of
/// tensor types that are not known, whose size and bytes are then left open.
Result<Inventory> read_gguf(ByteSource& source);

/// Joins the files of a split model, in any order: each has the metadata split.no and split.count
/// (llama.cpp, tools/gguf-split), each number from 0 is there once, and the tensors are as many as
/// split.tensors.count says. What else is known of the model comes from the first.
Result<Inventory> join_gguf_splits(std::vector<Shard> splits);

}  // namespace owrd::weights
