//! The one macro that declares typed activities.

/// Declares activities by their wire name, input and output, so that workflows can call them
/// without seeing the code that runs them.
///
/// The `activities` crate binds an implementation with
/// `#[activity(definition = workflows::<domain>::<Name>)]`; a mismatch of types does not compile.
macro_rules! activity_definitions {
    ($($(#[$meta:meta])* $name:ident($input:ty) -> $output:ty = $wire:literal;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl temporalio_workflow::common::ActivityDefinition for $name {
            type Input = $input;
            type Output = $output;

            fn name(&self) -> &str {
                $wire
            }
        }
    )+};
}

pub(crate) use activity_definitions;
