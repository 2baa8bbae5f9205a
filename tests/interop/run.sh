#!/usr/bin/env bash
# Runs the interop test: run.sh BUILD_DIR. OWRDD is the daemon under test. Nothing is written to the source tree.
# Exits with 77 when what the client needs is not to be had here.
set -euo pipefail

source=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: run.sh BUILD_DIR}

skip() {
  printf '\n*** SKIPPED: the interop test did not run: %s ***\n\n' "$1" >&2
  exit 77
}

command -v node > /dev/null || skip "there is no node (sudo apt install nodejs)"
command -v npm > /dev/null || skip "there is no npm (sudo apt install npm)"
command -v protoc > /dev/null || skip "there is no protoc (sudo apt install protobuf-compiler)"
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 18 ] || skip "node $(node --version) is older than 18"
[ -x "${OWRDD:?set OWRDD to the daemon under test}" ] || {
  echo "error: there is no daemon at $OWRDD" >&2
  echo "  hint: cmake --build --preset dev --target owrdd owrd-swarm" >&2
  exit 1
}

mkdir -p "$build"
cp "$source"/{package.json,package-lock.json,.npmrc} "$build"/
if ! cmp -s "$build/package-lock.json" "$build/node_modules/.installed"; then
  rm -rf "$build/node_modules"
  (cd "$build" && npm ci --ignore-scripts --no-progress) > "$build/npm.log" 2>&1 || {
    # Not to reach the registry is the place's fault; anything else is ours.
    if grep -Eq 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|E40[137]|E50[0-9]' "$build/npm.log"; then
      skip "npm cannot reach its registry, see $build/npm.log"
    fi
    cat "$build/npm.log" >&2
    exit 1
  }
  cp "$build/package-lock.json" "$build/node_modules/.installed"
fi

proto=$source/../../proto
rm -rf "$build/gen"
mkdir "$build/gen"
protoc -I "$proto" --plugin="$build/node_modules/.bin/protoc-gen-es" --es_out="$build/gen" \
  --es_opt=target=js,import_extension=js "$proto"/owrd/v1/{control,release,trust}.proto

cp "$source"/*.mjs "$build"/
cd "$build" && exec node --test --test-reporter=spec interop.test.mjs
