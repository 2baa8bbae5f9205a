#!/bin/bash
# Configures and builds one preset into build/PRESET: scripts/build.sh release|dev|asan|tsan|fuzz [ninja arguments]
# ccache and mold are used when they are there.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=$1
shift
options=()
if command -v ccache > /dev/null; then
  options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
fi
if command -v mold > /dev/null; then options+=(-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=mold); fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset "$preset" "${options[@]}" > "$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
exec cmake --build --preset "$preset" -- "$@"
