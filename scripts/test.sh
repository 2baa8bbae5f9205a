#!/bin/bash
# Builds a preset and runs its tests: scripts/test.sh [dev|asan|tsan|fuzz] [ctest arguments]
# Installs the packages that are missing.
set -euo pipefail
cd "$(dirname "$0")/.."

preset=dev
case ${1-} in
  dev | asan | tsan | fuzz)
    preset=$1
    shift
    ;;
  -h | --help)
    sed -n '2,3s/^# //p' "$0"
    exit 0
    ;;
  "" | -*) ;;
  *)
    echo "error: there is no test preset \"$1\"" >&2
    echo "  hint: scripts/test.sh dev|asan|tsan|fuzz [ctest arguments]" >&2
    exit 64
    ;;
esac

packages=(build test)
[ "$preset" != fuzz ] || packages=(build fuzz)
scripts/packages.sh "${packages[@]}"
scripts/build.sh "$preset"

# A sanitizer ends the program at the first finding, with a stack that can be read.
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-second_deadlock_stack=1}
exec ctest --preset "$preset" --parallel "$(nproc)" "$@"
