//! Panics of libraries on foreign bytes, caught and turned into what went wrong.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread is expected and speaks through its error.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `work`; a panic in it comes back as its message and is not printed. What `work` was working on must not be used
/// again after that.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !EXPECTED.get() {
                before(info);
            }
        }));
    });
    let outer = EXPECTED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(outer);
    outcome.map_err(|said| message(said.as_ref()))
}

fn message(said: &(dyn Any + Send)) -> String {
    match (said.downcast_ref::<&str>(), said.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_owned(),
        (_, Some(text)) => text.clone(),
        _ => "without a word".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_as_its_message() {
        assert_eq!(catch(|| 7), Ok(7));
        let number = 3;
        assert_eq!(
            catch(|| panic!("type {number} is unknown")),
            Err::<(), _>("type 3 is unknown".to_owned())
        );
        assert_eq!(catch(|| panic!("plain")), Err::<(), _>("plain".to_owned()));
    }
}
