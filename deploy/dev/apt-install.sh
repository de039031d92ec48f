#!/usr/bin/env bash
# apt-install.sh PACKAGE…: install Debian packages without letting them start their services.
# Runs as root (the stack calls it through sudo when needed). The stack runs its own copies of the
# servers on ports of its own; the packaged services must not take the usual ports meanwhile.
set -euo pipefail

policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null; }
apt update
apt install -y --no-install-recommends "$@"
