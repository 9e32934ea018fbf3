#!/bin/sh
# Makes the passwords and tokens that compose.yaml asks for, once: infra/local/.env, readable by its owner only, which
# Docker Compose reads by itself. Nobody else knows them, and nothing here prints them into a log.
set -eu
umask 077
file=$(dirname -- "$0")/.env

if [ -e "$file" ]; then
  echo "$file is there already. Remove it and the volumes (docker compose down -v) to start over."
  exit 0
fi

secret() {
  LC_ALL=C tr -dc 'A-Za-z0-9' < /dev/urandom | head -c 32
}

unfinished=$file.$$
trap 'rm -f "$unfinished"' EXIT
for name in ADMIN_TOKEN REPORTER_TOKEN INFLUX_TOKEN INFLUX_PASSWORD GRAFANA_PASSWORD GRAFANA_INFLUX_PASSWORD; do
  printf '%s=%s\n' "$name" "$(secret)"
done > "$unfinished"
mv "$unfinished" "$file"

echo "Made $file. Grafana: http://localhost:3000, user admin, with GRAFANA_PASSWORD from it."
if [ -t 1 ]; then
  echo "Page: http://localhost:8787/#$(sed -n 's/^ADMIN_TOKEN=//p' "$file")"
fi
