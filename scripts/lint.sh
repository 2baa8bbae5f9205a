#!/bin/bash
# Holds the sources against .clang-format and .clang-tidy: scripts/lint.sh [FILE...]
# Without files: all of ours. Uses the compile commands of the dev preset, which it configures.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/packages.sh build test lint
if [ $# -eq 0 ]; then mapfile -t files < <(git ls-files '*.cpp'); else files=("$@"); fi
scripts/format.sh --check
# Generated headers must be there before anything that includes them can be read.
scripts/build.sh dev owrd_proto_trust owrd_proto_release owrd_proto_swarm owrd_proto_control
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy-14 -quiet -p build/dev
