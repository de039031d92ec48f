#!/usr/bin/env bash
# apt-install.sh PACKAGE…: install Debian packages without letting them start their services.
# Runs as root (the stack calls it through sudo when needed). The stack runs its own copies of the
# servers on ports of its own; the packaged services must not take the usual ports meanwhile.
# `postgresql` stands for version 15, so that developers agree, or else for the system's own from 15 on.
set -euo pipefail

policy=/usr/sbin/policy-rc.d
ours='# Of the development stack of Yemma: no service starts while process'
# Left behind by a run that was killed it forbids nothing, and the next run takes it away.
if [ ! -e "$policy" ] || grep -qF "$ours" "$policy"; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\n%s %d runs.\n[ ! -d /proc/%d ] || exit 101\n' "$ours" "$$" "$$" >"$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive LC_ALL=C
apt() { apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null; }
candidate() { apt-cache policy "$1" | sed -n 's/^  Candidate: //p'; }

apt update || echo "warning: some package sources could not be read; the others may do" >&2

packages=()
for package in "$@"; do
    if [ "$package" = postgresql ]; then
        own=$(candidate postgresql)
        case $(candidate postgresql-15) in
            [0-9]*) package=postgresql-15 ;;
            *)
                if ! [ "${own%%[!0-9]*}" -ge 15 ] 2>/dev/null; then
                    echo "PostgreSQL 15 or later is in no package source of this system (its own: ${own:-none})." >&2
                    echo "Add those of PGDG (https://wiki.postgresql.org/wiki/Apt), then run this again." >&2
                    exit 1
                fi
                ;;
        esac
    fi
    packages+=("$package")
done
apt install -y --no-install-recommends "${packages[@]}"
