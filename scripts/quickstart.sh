#!/bin/bash
# Builds owrd and does its main job once, for real: scripts/quickstart.sh [DIR]
# A lab's daemon publishes and seeds DIR (without DIR: a small model made here), and a stranger with a store of its
# own fetches it over BitTorrent. Everything stays on this machine: both sides talk over 127.0.0.1 only.
# What it makes is in build/quickstart/; DIR itself gains release.owrd, layers.owrd and tensors.owrd.
set -euo pipefail

case ${1-} in
  -h | --help)
    sed -n '2,5s/^# //p' "$0"
    exit 0
    ;;
esac
model=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."

say() { printf '\n== %s\n' "$*" >&2; }

scripts/packages.sh build run
say "building build/release"
scripts/build.sh release >&2
PATH=$PWD/build/release/bin:$PATH

work=$PWD/build/quickstart
mkdir -p "$work"
if [ -z "$model" ]; then
  model=$work/atlas
  [ -d "$model" ] || python3 scripts/make_model.py "$model"
fi
name=$(basename "$model" | tr -c 'A-Za-z0-9._\n' -)

# Two people who share nothing: each has a home, and a directory for sockets, whose paths must be short.
run=$(mktemp -d /tmp/owrd-quickstart.XXXXXX)
daemon=
stop() {
  if [ -n "$daemon" ]; then
    kill "$daemon" 2> /dev/null || true
    wait "$daemon" 2> /dev/null || true
  fi
  rm -rf "$run"
}
trap stop EXIT
new_person() { # new_person NAME: makes the home and sets `as`, the beginning of that person's commands
  local home=$work/$1 sockets=$run/$1
  mkdir -p "$sockets" "$home/config/owrd"
  cat > "$home/config/owrd/owrd.toml" << 'TOML'
[network]
listen = ["127.0.0.1:0"]
dht = false
lsd = false
upnp = false
TOML
  as=(env -u OWRD_HOST -u OWRD_STORE -u OWRD_CONFIG HOME="$home" XDG_CONFIG_HOME="$home/config"
    XDG_DATA_HOME="$home/data" XDG_STATE_HOME="$home/state" XDG_RUNTIME_DIR="$sockets")
}

# The lab keeps its key and its store from run to run, under the name of what it publishes; the stranger begins anew.
lab=lab-$name
stranger=stranger
rm -rf "${work:?}/$stranger"
new_person "$lab"
as_lab=("${as[@]}")
new_person "$stranger"
as_stranger=("${as[@]}")

say "the lab starts its daemon"
"${as_lab[@]}" owrdd 2> "$work/$lab.log" &
daemon=$!
for ((tries = 0; ; ++tries)); do
  if endpoint=$("${as_lab[@]}" owrd status --json 2> /dev/null |
    python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["listening"][0])' 2> /dev/null); then break; fi
  kill -0 "$daemon" 2> /dev/null || {
    cat "$work/$lab.log" >&2
    exit 1
  }
  [ "$tries" -lt 150 ] || {
    echo "error: the lab's daemon did not start in 30 seconds" >&2
    echo "  hint: its log is $work/$lab.log" >&2
    exit 1
  }
  sleep 0.2
done

say "the lab makes a key and publishes $model"
if [ ! -f "$work/$lab/acme.owrp" ]; then
  "${as_lab[@]}" owrd key new acme-2026 -y
  "${as_lab[@]}" owrd publisher init acme --key acme-2026 -y
  "${as_lab[@]}" owrd publisher export acme -o "$work/$lab/acme.owrp"
fi
magnet=$("${as_lab[@]}" owrd publish "$model" --as "acme/$name:1.0.0" --license Apache-2.0 -y)
echo "$magnet"

say "a stranger pins the publisher and gets the release, from $endpoint"
"${as_stranger[@]}" owrd publisher add "$work/$lab/acme.owrp" -y
files=$("${as_stranger[@]}" owrd get "$magnet" --peer "$endpoint" --to "$work/$stranger/$name" --timeout 60s)

say "checking what the stranger has, without any daemon"
"${as_stranger[@]}" owrd verify "$files"
diff -r "$model" "$files" --exclude=.git --exclude=.cache

cat >&2 << EOF

Done: $(find "$files" -type f | wc -l) files, $(du -sh --apparent-size "$files" | cut -f1), in $files
Every piece was checked on arrival, every file again before it got its name, and the whole against the manifest
that the publisher signed ($files/release.owrd).
EOF
echo "$files"
