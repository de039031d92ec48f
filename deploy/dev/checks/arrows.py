"""Which crate may know which: the rules of the house, checked on every manifest."""

from yemma_stack.errors import StackError

ALLOWED = {
    "workflows": set(),
    "store": {"workflows"},
    "activities": {"store", "workflows"},
    "workers": {"activities", "store", "workflows"},
    "api": {"store", "workflows"},
    "tests": {"activities", "api", "store", "workers", "workflows"},
}
"""Each crate, and the crates of ours that it may use: in its code, its build script and its tests."""


def check(metadata: dict) -> None:
    """Compare the manifests with the table."""
    members = {package["name"]: package for package in metadata["packages"]}
    wrong = [f"{name} is in no row of {__name__}.ALLOWED" for name in members.keys() - ALLOWED.keys()]
    for name, package in members.items():
        used = {dependency["name"] for dependency in package["dependencies"]} & members.keys()
        wrong += [f"{name} may not use {other}" for other in sorted(used - ALLOWED.get(name, used))]
    if wrong:
        raise StackError("; ".join(wrong))
