#!/usr/bin/env bash
# Runs the interop test: run.sh BUILD_DIR. OWRDD is the daemon under test. Nothing is written to the source tree.
# Exits with 77 when what the client needs is not to be had here.
set -euo pipefail

source=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: run.sh BUILD_DIR}

. "$source/npm.sh"

need_node 18
command -v protoc > /dev/null || skip "there is no protoc (sudo apt install protobuf-compiler)"
[ -x "${OWRDD:?set OWRDD to the daemon under test}" ] || {
  echo "error: there is no daemon at $OWRDD" >&2
  echo "  hint: cmake --build --preset dev --target owrdd owrd-swarm" >&2
  exit 1
}

install_packages "$source" "$build"

proto=$source/../../proto
rm -rf "$build/gen"
mkdir "$build/gen"
protoc -I "$proto" --plugin="$build/node_modules/.bin/protoc-gen-es" --es_out="$build/gen" \
  --es_opt=target=js,import_extension=js "$proto"/owrd/v1/{control,release,trust}.proto

cp "$source"/*.mjs "$build"/
cd "$build" && exec node --test --test-reporter=spec interop.test.mjs
