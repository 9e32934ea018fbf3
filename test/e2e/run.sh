#!/bin/sh
# Runs the end-to-end tests on the Node of the functions' runtime, which install.sh brings.
cd "$(dirname "$0")/../.." || exit 1
node=test/e2e/.parts/node/bin/node
[ -x "$node" ] || {
  echo 'The real parts are missing. Run this first: test/e2e/install.sh' >&2
  exit 1
}
exec "$node" node_modules/vitest/vitest.mjs run --config test/e2e/vitest.config.ts "$@"
