#!/usr/bin/env bash
# Lints the Python that locustfiles import, and its tests: `npm run lint:python`. Installs ruff, by its hash, into dist/.
# Where Python is missing it says so; in CI that is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
  echo 'Python is not linted: python3 with venv is missing.' >&2
  [ -z "${CI:-}" ]
  exit
fi
venv=dist/ruff
if ! cmp -s test/companion/requirements.txt "$venv/.pins"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check --require-hashes --requirement test/companion/requirements.txt
  cp test/companion/requirements.txt "$venv/.pins"
fi
"$venv/bin/ruff" check --no-cache --config test/companion/ruff.toml lambda/companion test/companion
