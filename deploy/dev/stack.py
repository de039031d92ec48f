#!/usr/bin/env python3
"""Run the development stack: `python3 deploy/dev/stack.py --help` lists the verbs."""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "the development stack needs Python 3.11 or later, and %s is %s: name another one, as in "
        "`make PYTHON=python3.11 demo`" % (sys.executable, sys.version.split()[0])
    )

from yemma_stack.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
