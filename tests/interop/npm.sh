# For the interop tests to source: npm packages, pinned by a lock file, in a build directory.

# skip WHY: ends the test, loudly, with the code that CTest takes for a skip.
skip() {
  printf '\n*** SKIPPED: the interop test did not run: %s ***\n\n' "$1" >&2
  exit 77
}

# need_node MAJOR
need_node() {
  command -v node > /dev/null || skip "there is no node (sudo apt install nodejs)"
  command -v npm > /dev/null || skip "there is no npm (sudo apt install npm)"
  [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$1" ] || skip "node $(node --version) is older than $1"
}

# run_npm LOG ARGUMENTS: not to reach the registry is the place's fault; anything else is ours.
run_npm() {
  local log=$1
  shift
  npm "$@" > "$log" 2>&1 && return
  if grep -Eq 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|E40[137]|E50[0-9]' "$log"; then
    skip "npm cannot reach its registry, see $log"
  fi
  cat "$log" >&2
  exit 1
}

# install_packages SOURCE BUILD: what package.json and its lock name, into BUILD/node_modules.
install_packages() {
  local source=$1 build=$2
  mkdir -p "$build"
  cp "$source"/{package.json,package-lock.json,.npmrc} "$build"/
  cmp -s "$build/package-lock.json" "$build/node_modules/.installed" && return
  rm -rf "$build/node_modules"
  (cd "$build" && run_npm "$build/npm.log" ci --ignore-scripts --no-progress) || exit $?
  cp "$build/package-lock.json" "$build/node_modules/.installed"
}
