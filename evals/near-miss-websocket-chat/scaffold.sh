#!/bin/sh
# Puts the app of this case into the empty folder that the run starts in.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cp -R "$root/fixtures/before/jwt/." .
