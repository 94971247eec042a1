//! What every part of the simulation looks up and nobody changes.

use crate::calendar::Calendar;
use crate::plan::{self, Plan, Scale};
use crate::story::Story;

/// The plan and what follows from it.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub plan: Plan,
    pub story: Story,
    pub scale: Scale,
    pub calendar: Calendar,
    /// Records after this instant do not exist yet, in milliseconds since 1970.
    pub now_ms: i64,
}

impl World {
    pub(crate) fn new(plan: &Plan) -> World {
        World {
            story: Story::of(plan.end),
            scale: plan.scale(),
            calendar: plan::calendar(plan),
            now_ms: plan.now().as_millisecond(),
            plan: plan.clone(),
        }
    }
}
