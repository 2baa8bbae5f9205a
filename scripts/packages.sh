#!/bin/bash
# Installs the Debian packages that are missing: scripts/packages.sh build|run|test|fuzz|lint|bench...
# Asks dpkg first, so that a second run takes no time and needs no network and no rights.
set -euo pipefail

build=(build-essential cmake ninja-build pkg-config protobuf-compiler libprotobuf-dev libtorrent-rasterbar-dev
  libboost-dev libseccomp-dev libsodium-dev libsqlite3-dev libsqlitecpp-dev libssl-dev libcli11-dev libtomlplusplus-dev
  libspdlog-dev libfmt-dev libsystemd-dev nlohmann-json3-dev libyaml-cpp-dev libutf8proc-dev libcurl4-openssl-dev
  zlib1g-dev)
# Debian has it for this architecture alone; without it the build takes OpenSSL.
[ "$(uname -m)" != x86_64 ] || build+=(libipsec-mb-dev)
run=(python3) # writes the example model
test=(libgtest-dev minisign python3 python3-libtorrent qbittorrent-nox iproute2 curl openssl ca-certificates procps mount
  util-linux systemd clang-format-14)
fuzz=(clang-14 libclang-rt-14-dev)
lint=(clang-14 clang-tidy-14 clang-format-14)
bench=(python3 qbittorrent-nox aria2 transmission-cli mktorrent opentracker nginx-light curl iproute2 openssl coreutils
  findutils diffutils pkg-config g++ libtorrent-rasterbar-dev libbenchmark-dev)
# Whatever Node is on the PATH will do; npm comes apart from it in Debian.
command -v node > /dev/null || test+=(nodejs)
command -v npm > /dev/null || test+=(npm)

fail() {
  echo "error: $1" >&2
  echo "  hint: $2" >&2
  exit 1
}

[ $# -gt 0 ] || fail "no list of packages named" "scripts/packages.sh build"
wanted=()
for list in "$@"; do
  case $list in
    build) wanted+=("${build[@]}") ;;
    run) wanted+=("${run[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    fuzz) wanted+=("${fuzz[@]}") ;;
    lint) wanted+=("${lint[@]}") ;;
    bench) wanted+=("${bench[@]}") ;;
    *) fail "there is no list of packages \"$list\"" "scripts/packages.sh build|run|test|fuzz|lint|bench" ;;
  esac
done

command -v dpkg-query > /dev/null || fail "this is not a Debian system, so packages cannot be installed for you" \
  "install what Debian 12 calls: ${wanted[*]}"

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo > /dev/null || fail "installing packages takes root, and there is no sudo" \
    "as root: apt-get install ${missing[*]}"
  root=(sudo)
fi
echo "installing: ${missing[*]}" >&2
"${root[@]}" apt-get update -qq >&2
"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" \
  > /dev/null || fail "apt-get could not install: ${missing[*]}" "run apt-get install by hand and see what it says"
