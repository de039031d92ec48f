//! The addresses of the servers that `make test` started.

/// The value of a variable that the development stack exports.
///
/// # Panics
/// When it is not set: run the tests by `make test`, or source the stack's `env` first.
#[must_use]
pub fn required(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `make test`, or source the development stack's env")
    })
}
