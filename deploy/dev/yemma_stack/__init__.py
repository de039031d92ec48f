"""The development and test stack of Yemma: real servers on private loopback ports.

An *instance* is a state directory, a set of ports and a profile (durable or throw-away).
Programs are installed once under `.stack/tools/` and shared by every instance.
Standard library only, so that a fresh machine needs nothing before `make demo`.
"""
