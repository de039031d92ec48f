//! How the activities of a worker behave: as they should, failing once, or dying once.

use temporalio_common::ActivityError;
use temporalio_common::error::ApplicationFailure;
use temporalio_sdk::interceptors::{
    ActivityInboundInterceptor, ExecuteActivityInput, ExecuteActivityOutput, Next,
};

/// How activities behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// As they should.
    Sound,
    /// Each fails at its first attempt, before it did anything.
    FailsOnce,
    /// Each does its work at the first attempt and dies before it can tell, so it runs twice.
    DiesOnce,
}

/// Puts every activity of a worker in a mood.
#[derive(Clone, Copy, Debug)]
pub struct Moody(pub Mood);

impl ActivityInboundInterceptor for Moody {
    fn execute_activity<'a>(
        &'a self,
        input: ExecuteActivityInput,
        next: Next<'a, ExecuteActivityInput, ExecuteActivityOutput<'a>>,
    ) -> ExecuteActivityOutput<'a> {
        let first = input.activity_info().attempt == 1;
        let bad_mood = || ActivityError::application(ApplicationFailure::new("a bad mood"));
        Box::pin(async move {
            if first && self.0 == Mood::FailsOnce {
                return Err(bad_mood());
            }
            let done = next.run(input).await?;
            if first && self.0 == Mood::DiesOnce {
                return Err(bad_mood());
            }
            Ok(done)
        })
    }
}
