#!/usr/bin/env bash
# Runs others' readers over the exports of a release: run.sh BUILD_DIR. WRITE_EXPORTS is the program that makes them.
# Nothing is written to the source tree. Exits with 77 when what the readers need is not to be had here.
set -euo pipefail

source=$(cd "$(dirname "$0")" && pwd)
build=${1:?usage: run.sh BUILD_DIR}
. "$source/../npm.sh"

# SPDX has no npm package with the JSON schema of 3.0.1; cdxgen carries it, of which only that file is used.
cdxgen=@cyclonedx/cdxgen@12.8.4
cdxgen_sha512=f443044766de51253b7ef2a055a60e9d8085a801eb6376d0ec445e9e1dbdfc4764bb472d117cd8768bfabc29a39a8fe14811fe26dbc0efe8f553cf3831560538
schema=package/data/spdx-export.schema.json

need_node 18
command -v minisign > /dev/null || skip "there is no minisign (sudo apt install minisign)"
[ -x "${WRITE_EXPORTS:?set WRITE_EXPORTS to the program that makes the exports}" ] || {
  echo "error: there is no program at $WRITE_EXPORTS" >&2
  echo "  hint: cmake --build --preset dev --target owrd_write_exports" >&2
  exit 1
}

install_packages "$source" "$build"
if [ ! -f "$build/$schema" ]; then
  (cd "$build" && run_npm "$build/pack.log" pack "$cdxgen") || exit $?
  archive=$build/cyclonedx-cdxgen-12.8.4.tgz
  echo "$cdxgen_sha512  $archive" | sha512sum --check --quiet
  tar -xzf "$archive" -C "$build" "$schema"
fi

rm -rf "$build/out"
"$WRITE_EXPORTS" "$build/out"
cp "$source/exports.test.mjs" "$build"/
cd "$build" && SPDX_SCHEMA=$schema exec node --test --test-reporter=spec exports.test.mjs
