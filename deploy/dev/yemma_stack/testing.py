"""`make test`, `make crash`, `make bench`, `make check` and `make prepare`."""

import os

from checks import arrows, openapi, queries

from . import cargo, environment, judge, paths
from .components import Postgres
from .errors import StackError
from .instance import Instance
from .lifecycle import Borrowed

EXAMPLE_FILTER = "test(every_variable_is_in_the_example)"
DENY = ["deny", "--all-features", "check", "--hide-inclusion-graph", "-A", "no-license-field", "licenses", "bans", "sources"]
CRASH_FILTER = "package(tests) & test(/crash/)"


def test_instance() -> Instance:
    """The servers of the tests: another folder and other ports than the demo's."""
    return Instance(paths.ROOT / ".stack" / "test", "test")


def test(arguments: list[str]) -> int:
    """Every test, against real servers, with the runner's own summary at the end."""
    with Borrowed(test_instance(), "cargo") as instance:
        environment.built_in(instance, cargo.build())
        code = nextest(instance, arguments)
    if not os.environ.get("MEILISEARCH_URL"):
        print("not run: what needs a Meilisearch server (MEILISEARCH_URL is not set)", flush=True)
    return code


def crash(arguments: list[str]) -> int:
    """Only the crash test, with more journeys than in `make test`; it makes its own instance."""
    journeys = os.environ.get("YEMMA_CRASH_JOURNEYS", "30")
    with Borrowed(test_instance(), "cargo") as instance:
        environment.built_in(instance, cargo.build())
        return nextest(instance, ["-E", CRASH_FILTER, "--no-capture", *arguments], YEMMA_CRASH_JOURNEYS=journeys)


def bench(arguments: list[str]) -> int:
    """Yemma in a release build beside bare handlers and an empty workflow, on durable servers of its own."""
    with Borrowed(Instance(paths.ROOT / ".stack" / "bench", "bench"), "cargo") as instance:
        environment.built_in(instance, cargo.build(release=True))
        return cargo.call(["bench", "--workspace", "--bench", "load", "--", *arguments], cargo.environ(instance))


def nextest(instance: Instance, arguments: list[str], **more: str) -> int:
    """The test runner: the machine's own `cargo nextest`, else the one among our tools."""
    return cargo.call(["nextest", "run", "--workspace", *arguments], cargo.environ(instance, **more))


def check(_: list[str]) -> int:
    """Everything that is not a test; every failure is told, not only the first."""
    with Borrowed(test_instance(), "cargo", "rustfmt", "clippy", wanted=(Postgres(),)) as instance:
        steps = (
            ("format", lambda: cargo.must(["fmt", "--all", "--check"], cargo.environ())),
            ("arrows between crates", lambda: arrows.check(cargo.metadata())),
            ("unused dependencies", lambda: cargo.must(["shear", "--locked"], cargo.environ())),
            ("licences and origins of dependencies", lambda: cargo.must(DENY, cargo.environ())),
            ("lints", lambda: cargo.must(
                ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], cargo.environ())),
            ("queries checked offline are fresh", lambda: queries.check(instance)),
            ("OpenAPI document is fresh", lambda: openapi.check(cargo.build())),
        )
        failed = [name for name, step in steps if not passes(name, step)]
    print(f"\nmake check: {'failed: ' + ', '.join(failed) if failed else 'all is well'}", flush=True)
    return 1 if failed else 0


def passes(name: str, step) -> bool:
    """Run one step and say how it went."""
    print(f"\n== {name}", flush=True)
    try:
        step()
    except StackError as error:
        print(f"FAILED: {error}", flush=True)
        return False
    print("ok", flush=True)
    return True


def prepare(_: list[str]) -> None:
    """Write the generated files that are committed: query data, the OpenAPI document, `.env.example`."""
    with Borrowed(test_instance(), "cargo", wanted=(Postgres(),)) as instance:
        queries.write(instance)
        openapi.write(cargo.build())
        if nextest(instance, ["-E", EXAMPLE_FILTER], YEMMA_WRITE_ENV_EXAMPLE="1"):
            raise StackError(".env.example was not written")


TASKS = {"test": test, "crash": crash, "bench": bench, "schemathesis": judge.judge, "check": check, "prepare": prepare}
"""The verbs; each takes the arguments that are meant for the test runner."""
