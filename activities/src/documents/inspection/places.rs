//! The places in which files are inspected, and who comes next.
//!
//! Each owner has a line of their own and at most one place; the owners take turns. Whoever has many
//! files waiting holds up nobody else: another owner's first file waits for the files that are being
//! inspected when it comes, and for one file of each owner who waits already.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot::{Sender, channel};
use uuid::Uuid;

/// The places of one worker.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Mutex<Lines>>);

/// A place, to be had before the file is opened: a file that waits goes stale. It is free again when
/// this is dropped.
#[derive(Debug)]
pub struct Place {
    /// Absent once it was given back.
    places: Option<Places>,
    owner: Uuid,
}

#[derive(Debug)]
struct Lines {
    free: usize,
    /// Those who have a place.
    inside: HashSet<Uuid>,
    /// Those who have none and wait, each once: the first one is next.
    turns: VecDeque<Uuid>,
    /// The files of each that wait.
    waiting: HashMap<Uuid, VecDeque<Sender<Place>>>,
}

impl Places {
    /// So many places, all free.
    pub(super) fn new(count: usize) -> Self {
        Self(Arc::new(Mutex::new(Lines {
            free: count,
            inside: HashSet::new(),
            turns: VecDeque::new(),
            waiting: HashMap::new(),
        })))
    }

    /// Waits for a place for a file of that owner; whoever stops waiting leaves the line. `None` only
    /// when the places are gone.
    pub(super) async fn take(&self, owner: Uuid) -> Option<Place> {
        let (give, given) = channel();
        self.join(owner, give);
        given.await.ok()
    }

    fn join(&self, owner: Uuid, give: Sender<Place>) {
        let mut lines = self.lock();
        lines.join(owner, give);
        self.serve(&mut lines);
    }

    /// Gives every free place to whoever is next.
    fn serve(&self, lines: &mut Lines) {
        while let Some((owner, give)) = lines.next() {
            let place = Place {
                places: Some(self.clone()),
                owner,
            };
            if let Err(mut refused) = give.send(place) {
                // Nobody waits there any more. Given back here: its drop would ask for the lock.
                refused.places = None;
                lines.leave(owner);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(places) = self.places.take() {
            let mut lines = places.lock();
            lines.leave(self.owner);
            places.serve(&mut lines);
        }
    }
}

impl Lines {
    fn join(&mut self, owner: Uuid, give: Sender<Place>) {
        let line = self.waiting.entry(owner).or_default();
        if line.is_empty() && !self.inside.contains(&owner) {
            self.turns.push_back(owner);
        }
        line.push_back(give);
    }

    /// The next owner, who now has a place, and the file that it is for.
    fn next(&mut self) -> Option<(Uuid, Sender<Place>)> {
        if self.free == 0 {
            return None;
        }
        let owner = self.turns.pop_front()?;
        let line = self.waiting.get_mut(&owner)?;
        let give = line.pop_front()?;
        if line.is_empty() {
            self.waiting.remove(&owner);
        }
        self.free -= 1;
        self.inside.insert(owner);
        Some((owner, give))
    }

    /// Takes the place of an owner back; with more files waiting it is their turn after all others.
    fn leave(&mut self, owner: Uuid) {
        self.free += 1;
        self.inside.remove(&owner);
        if self.waiting.contains_key(&owner) {
            self.turns.push_back(owner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::*;

    const SOON: Duration = Duration::from_secs(5);

    fn owner(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    /// Somebody who waits in line when this returns.
    async fn waits(places: &Places, number: u128) -> JoinHandle<Place> {
        let before = lengths(places);
        let waiting = places.clone();
        let handle = tokio::spawn(async move { waiting.take(owner(number)).await.unwrap() });
        timeout(SOON, async {
            while lengths(places) == before && !handle.is_finished() {
                tokio::task::yield_now().await;
            }
        })
        .await
        .unwrap();
        handle
    }

    fn lengths(places: &Places) -> usize {
        let lines = places.lock();
        lines.waiting.values().map(VecDeque::len).sum()
    }

    async fn has(handle: JoinHandle<Place>) -> Place {
        timeout(SOON, handle).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn an_owner_has_one_place_and_leaves_the_other_to_others() {
        let places = Places::new(2);
        let first = places.take(owner(1)).await.unwrap();
        let second = waits(&places, 1).await;
        assert!(
            !second.is_finished(),
            "one place each, even when one is free"
        );
        let other = places.take(owner(2)).await.unwrap();
        drop(first);
        drop((has(second).await, other));
        assert_eq!(places.lock().free, 2);
    }

    #[tokio::test]
    async fn owners_take_turns_whoever_queued_most() {
        let places = Places::new(1);
        let inside = places.take(owner(1)).await.unwrap();
        let mut many = Vec::new();
        for _ in 0..3 {
            many.push(waits(&places, 1).await);
        }
        let (two, three) = (waits(&places, 2).await, waits(&places, 3).await);
        drop(inside);
        let inside = has(two).await;
        assert!(!many[0].is_finished() && !three.is_finished());
        drop(inside);
        drop(has(three).await);
        for waiting in many {
            drop(has(waiting).await);
        }
        let lines = places.lock();
        assert!(lines.free == 1 && lines.inside.is_empty() && lines.waiting.is_empty());
    }

    #[tokio::test]
    async fn whoever_stops_waiting_costs_nobody_a_place() {
        let places = Places::new(1);
        let inside = places.take(owner(1)).await.unwrap();
        for number in [1, 2] {
            let gone = waits(&places, number).await;
            gone.abort();
            assert!(gone.await.is_err());
        }
        let last = waits(&places, 3).await;
        drop(inside);
        drop(has(last).await);
        assert_eq!(places.lock().free, 1);
    }
}
