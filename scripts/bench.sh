#!/bin/bash
# Measures owrd and its peers in one run: scripts/bench.sh [hash|transfer|swarm|memory|update] [options]
# Without a topic: all of them, each in under about three minutes. scripts/bench.sh TOPIC --help tells its options;
# every topic takes --seconds, and most take --size and --rounds.
# Installs the peers that are missing, builds the release preset (not if OWRD_BIN_DIR names finished programs), and
# prints a table per topic; the figures are in build/bench/TOPIC.json. Hosts are network namespaces and processes are
# measured in control groups, which takes root; without, it says so and skips. Nothing of it stays behind.
set -euo pipefail
cd "$(dirname "$0")/.."

case " $* " in
  *" -h "* | *" --help "*) ;;
  *)
    # Debian starts servers when it installs them; the bench starts its own.
    servers=()
    for server in nginx opentracker; do command -v "$server" > /dev/null || servers+=("$server"); done
    scripts/packages.sh build bench
    if [ ${#servers[@]} -gt 0 ] && [ -d /run/systemd/system ] && [ "$(id -u)" = 0 ]; then
      systemctl disable --quiet --now "${servers[@]}" || true
    fi
    if [ -z "${OWRD_BIN_DIR-}" ]; then
      scripts/build.sh release >&2
      # With the hasher's microbenchmark, which gives the ceiling for the figures of `hash`.
      cmake -DOWRD_BENCH=ON build/release > /dev/null && cmake --build build/release >&2
    fi
    ;;
esac
export OWRD_BIN_DIR=${OWRD_BIN_DIR:-$PWD/build/release/bin}
PYTHONPATH=tests exec python3 -B -m bench "$@"
