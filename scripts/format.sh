#!/bin/bash
# Formats all C++ sources, or with --check tells which are not formatted.
set -euo pipefail
cd "$(dirname "$0")/.."

mapfile -t files < <(find daemon cli tests -name '*.cpp' -o -name '*.h' | sort)
if [ "${1-}" = --check ]; then
  clang-format-14 --dry-run --Werror "${files[@]}"
else
  clang-format-14 -i "${files[@]}"
fi
