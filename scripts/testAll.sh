#!/bin/sh
# Sets up what the tests need and is not there, then runs every check and test: npm packages (Node 26 among
# them), redis-server, a Python environment for the tests from Python, STILTS for VOTables. Says what it does.
# The last line is `N passed, N failed`; the exit code is 0 when nothing failed.
#
#   sh scripts/testAll.sh            what `npm run test:all` does
#   sh scripts/testAll.sh --ci       `npm ci` instead of `npm install`, and a short run of the load test
set -u
cd "$(dirname "$0")/.."
root=$(pwd -P)
is_ci=0
[ "${1:-}" = "--ci" ] && is_ci=1

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

say() { printf '\n== %s\n' "$*"; }

# step NAME COMMAND...: runs it, counts it, goes on.
step() {
  name=$1
  shift
  say "$name: $*"
  from=$(date +%s)
  if "$@"; then
    passed=$((passed + 1))
    echo "-- $name passed in $(($(date +%s) - from)) s"
  else
    failed=$((failed + 1))
    echo "-- $name FAILED after $(($(date +%s) - from)) s"
  fi
}

can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# apt_install PACKAGES...: quietly, and without starting a service of the system.
apt_install() {
  if [ ! -f "$tmp/updated" ]; then
    apt-get update -qq >"$tmp/apt.log" 2>&1 || cat "$tmp/apt.log"
    touch "$tmp/updated"
  fi
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$@" >"$tmp/apt.log" 2>&1 || {
    tail -5 "$tmp/apt.log"
    return 1
  }
}

if [ "$is_ci" = 1 ]; then
  say "npm ci: the packages of package-lock.json, Node 26 among them"
  npm ci --no-fund --no-audit || { echo '0 passed, 1 failed'; exit 1; }
elif [ ! -x node_modules/.bin/node ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "npm install: the packages of package-lock.json, Node 26 among them"
  npm install --no-fund --no-audit || { echo '0 passed, 1 failed'; exit 1; }
fi
PATH=$root/node_modules/.bin:$PATH
export PATH
echo "node $(node --version)"

if ! command -v redis-server >/dev/null; then
  if can_install; then
    say "redis-server is missing: apt-get install redis-server"
    apt_install redis-server || echo "redis-server could not be installed: its tests will skip and say so"
  else
    say "redis-server is missing and this user may not install it: its tests will skip and say so"
  fi
fi
command -v tile38-server >/dev/null || say "tile38-server is missing: its tests will skip and say so (README says where to get it)"
if ! command -v stilts >/dev/null && can_install; then
  say "stilts is missing: apt-get install stilts (it checks VOTables)"
  apt_install stilts || echo "stilts could not be installed: its checks will skip and say so"
fi

requirements=test/python/requirements.txt
if [ -f "$requirements" ] && ! cmp -s "$requirements" .venv/nightjar-requirements.txt; then
  say "Python environment .venv from $requirements"
  if ! python3 -m venv .venv >"$tmp/venv.log" 2>&1; then
    can_install && apt_install python3-venv
    rm -rf .venv
    python3 -m venv .venv || echo "no Python environment: the tests from Python will skip and say so"
  fi
  if [ -x .venv/bin/pip ]; then
    if .venv/bin/pip install -q --disable-pip-version-check -r "$requirements"; then
      cp "$requirements" .venv/nightjar-requirements.txt
    else
      echo "the Python packages could not be installed: the tests from Python will skip and say so"
    fi
  fi
fi

step "generated code" npm run -s gen:check
step "types" npm run -s types
step "lint" npm run -s lint
step "format" npm run -s format:check
step "import directions" npm run -s imports
step "unused code" npm run -s unused

# The tests count one by one.
report=$tmp/vitest.json
say "tests: npm test"
NIGHTJAR_TEST_REPORT=$report npm run -s test
tests_code=$?
if [ -s "$report" ]; then
  count() { node -p "JSON.parse(require('fs').readFileSync('$report', 'utf8')).$1"; }
  passed=$((passed + $(count numPassedTests)))
  failed=$((failed + $(count numFailedTests)))
  # a test file that breaks before its tests fails no test
  [ "$tests_code" != 0 ] && [ "$(count numFailedTests)" = 0 ] && failed=$((failed + 1))
else
  failed=$((failed + 1))
fi

demo() {
  NIGHTJAR_HTTP_PORT=0 NIGHTJAR_GRPC_PORT=0 NIGHTJAR_DATA_DIR=$tmp/demo npm run -s demo -- --exit
}
second_demo() {
  demo >"$tmp/demo.txt" || { cat "$tmp/demo.txt"; return 1; }
  grep 'already there' "$tmp/demo.txt"
}
step "demo" demo
step "demo again, on the same data" second_demo

if [ "$is_ci" = 1 ]; then
  step "load test, short" node loadtest/run.ts --rows 20000 --seconds 1
fi

echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
