//! Plans, the companies' subscriptions and what of their quotas they used.

mod change;
mod plans;
mod standing;
mod usage;

pub use change::{SetPlanError, begin_freemium, company_of, set_plan};
pub use plans::{Plan, PlanLimit, Price, plans};
pub use standing::{QuotaStanding, Standing, standing};
pub(crate) use usage::note_exceeded;
