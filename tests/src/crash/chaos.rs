//! Who dies next, and when: drawn from a seed.

use std::time::Duration;

use tokio::sync::Notify;

use super::stack::{Stack, VICTIMS};

/// Draws that a seed repeats.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Draws from a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    /// A number below the bound (`SplitMix64`).
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Kills and brings back until the players are done; who died, in order.
pub(super) async fn reign(
    stack: &Stack,
    mut dice: Dice,
    quiet: &Notify,
) -> anyhow::Result<Vec<&'static str>> {
    let mut killed = Vec::new();
    loop {
        let pause = Duration::from_millis(3_000 + dice.below(5_000));
        tokio::select! {
            () = quiet.notified() => return Ok(killed),
            () = tokio::time::sleep(pause) => {}
        }
        let victim = VICTIMS[usize::try_from(dice.below(4)).unwrap_or_default()];
        if stack.kill(victim).await? {
            killed.push(victim);
        }
        tokio::time::sleep(Duration::from_millis(dice.below(1_500))).await;
        stack.up().await?;
    }
}
