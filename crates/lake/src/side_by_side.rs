//! Work that is done side by side, by as many threads as there are cores, in bounded memory.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use crate::error::LakeError;

/// More threads write to one disk hardly faster.
const MOST_THREADS: usize = 4;

/// Where jobs are handed in.
pub(crate) struct Jobs<'a, J> {
    to: SyncSender<(usize, J, Held<'a>)>,
    budget: &'a Budget,
    failed: &'a AtomicBool,
    given: usize,
}

impl<J> Jobs<'_, J> {
    /// Hands in a job that holds so many bytes; waits while those under way hold too many.
    pub(crate) fn give(&mut self, job: J, bytes: usize) -> Result<(), LakeError> {
        let held = self.budget.hold(bytes);
        let number = self.given;
        self.given += 1;
        // What went wrong is told in the end.
        let ended = || LakeError::Interrupted { what: "files could not be written".to_owned() };
        if self.failed.load(Ordering::Relaxed) {
            return Err(ended());
        }
        self.to.send((number, job, held)).map_err(|_| ended())
    }
}

/// Does the jobs that `give` hands in, and answers with what came of each, in the order in which they were handed in.
/// Together they hold at most `bytes`, unless a single one holds more. After an error nothing of it is left.
pub(crate) fn side_by_side<J: Send, T: Send>(
    bytes: usize,
    work: impl Fn(J) -> Result<T, LakeError> + Sync,
    give: impl FnOnce(&mut Jobs<'_, J>) -> Result<(), LakeError>,
) -> Result<Vec<T>, LakeError> {
    let budget = Budget { held: Mutex::new(0), freed: Condvar::new(), most: bytes };
    let failed = AtomicBool::new(false);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    thread::scope(|scope| {
        let (to, jobs) = sync_channel(0);
        let jobs = Arc::new(Mutex::new(jobs));
        let (work, failed) = (&work, &failed);
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let jobs = Arc::clone(&jobs);
                scope.spawn(move || worked(&jobs, work, failed))
            })
            .collect();
        // Only the workers take jobs: when the last of them is gone, handing one in fails instead of waiting.
        drop(jobs);
        let mut jobs = Jobs { to, budget: &budget, failed, given: 0 };
        let given = give(&mut jobs);
        drop(jobs);
        let mut done = Vec::new();
        let mut error = None;
        for worker in workers {
            match worker.join().unwrap_or_else(|panic| resume_unwind(panic)) {
                Ok(some) => done.extend(some),
                Err(first) => error = error.or(Some(first)),
            }
        }
        if let Some(error) = error {
            return Err(error);
        }
        given?;
        done.sort_unstable_by_key(|(number, _)| *number);
        Ok(done.into_iter().map(|(_, made)| made).collect())
    })
}

/// What one worker made, by the numbers of its jobs.
fn worked<J, T>(
    jobs: &Mutex<Receiver<(usize, J, Held<'_>)>>,
    work: impl Fn(J) -> Result<T, LakeError>,
    failed: &AtomicBool,
) -> Result<Vec<(usize, T)>, LakeError> {
    let mut done = Vec::new();
    loop {
        // The lock is held while one of the workers waits; the others wait for the lock.
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, job, held)) = next else { return Ok(done) };
        match work(job) {
            Ok(made) => done.push((number, made)),
            Err(error) => {
                failed.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
        drop(held);
    }
}

/// Bytes that jobs may hold together.
struct Budget {
    held: Mutex<usize>,
    freed: Condvar,
    most: usize,
}

/// Bytes of a job that is not done yet.
struct Held<'a> {
    budget: &'a Budget,
    bytes: usize,
}

impl Budget {
    fn hold(&self, bytes: usize) -> Held<'_> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        while *held > 0 && held.saturating_add(bytes) > self.most {
            held = self.freed.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        *held = held.saturating_add(bytes);
        Held { budget: self, bytes }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut held = self.budget.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = held.saturating_sub(self.bytes);
        self.budget.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_jobs_and_little_is_held_at_once() {
        let (held, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let work = |n: usize| {
            let now = held.fetch_add(10, Ordering::SeqCst) + 10;
            most.fetch_max(now, Ordering::SeqCst);
            thread::sleep(std::time::Duration::from_micros(u64::try_from(n % 7 * 50).unwrap()));
            held.fetch_sub(10, Ordering::SeqCst);
            Ok(n * 2)
        };
        let made = side_by_side(15, work, |jobs| (0..100).try_for_each(|n| jobs.give(n, 10))).unwrap();
        assert_eq!(made, (0..100).map(|n| n * 2).collect::<Vec<_>>());
        assert_eq!(most.into_inner(), 10, "two jobs were under way that together hold too much");
        // One that is larger than all may hold is done alone.
        assert_eq!(side_by_side(15, Ok, |jobs| jobs.give(1, 1000)).unwrap(), [1]);
        assert_eq!(side_by_side(15, Ok::<u8, LakeError>, |_| Ok(())).unwrap(), Vec::<u8>::new());
    }

    #[test]
    fn an_error_of_a_job_or_of_whoever_hands_them_in_ends_all_of_it() {
        let fails = |n: usize| match n {
            50 => Err(LakeError::Interrupted { what: "fifty".to_owned() }),
            n => Ok(n),
        };
        // Every worker meets one, so that handing in the next must fail and not wait.
        let error =
            side_by_side(15, |_: usize| fails(50), |jobs| (0..100).try_for_each(|n| jobs.give(n, 10)));
        assert!(error.unwrap_err().to_string().contains("fifty"));
        let error = side_by_side(15, fails, |jobs| (0..100).try_for_each(|n| jobs.give(n, 10)));
        assert!(error.unwrap_err().to_string().contains("fifty"));
        let error = side_by_side(15, Ok::<usize, LakeError>, |jobs| {
            jobs.give(1, 10)?;
            Err(LakeError::Interrupted { what: "no more".to_owned() })
        });
        assert!(error.unwrap_err().to_string().contains("no more"));
    }
}
