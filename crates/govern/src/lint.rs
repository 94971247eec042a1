//! Rules that declarations of KPIs and scorecards are held to, each with a name and a page of its own.

use dialmark_model::declared::Severity;

/// One rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lint {
    /// Its name.
    pub code: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What it asks for, in a sentence.
    pub says: &'static str,
    /// Why.
    pub why: &'static str,
    /// A declaration that breaks it.
    pub wrong: &'static str,
    /// The same, mended.
    pub right: &'static str,
}

impl Lint {
    /// Name and severity, for reporting.
    pub(crate) const fn id(&self) -> (&'static str, Severity) {
        (self.code, self.severity)
    }
}

const KPI: &str = "\
[kpi.conversion]
metric = \"conversion_rate/success_per_contact\"
owner  = \"lead@example.org\"
window = \"month\"
target = { at_least = 0.052, tolerance = 0.004 }";

/// A KPI has one owner.
pub const NO_OWNER: Lint = Lint {
    code: "no-owner",
    severity: Severity::Error,
    says: "A KPI has an owner.",
    why: "A KPI that nobody owns drifts: when it turns red, everybody waits for somebody.",
    wrong: "[kpi.conversion]\nmetric = \"conversion_rate/success_per_contact\"\nwindow = \"month\"\ntarget = { at_least = 0.052 }",
    right: KPI,
};

/// A KPI has no second owner.
pub const TWO_OWNERS: Lint = Lint {
    code: "two-owners",
    severity: Severity::Error,
    says: "A KPI has one owner.",
    why: "With two owners each miss is argued over instead of worked on. Others may read it, act on it and be asked; one person answers for it.",
    wrong: "[kpi.conversion]\nowner  = [\"lead@example.org\", \"ops@example.org\"]\nmetric = \"conversion_rate/success_per_contact\"\nwindow = \"month\"\ntarget = { at_least = 0.052 }",
    right: KPI,
};

/// The owner is still here.
pub const OWNER_LEFT: Lint = Lint {
    code: "owner-left",
    severity: Severity::Error,
    says: "The owner of a KPI works here.",
    why: "Cases and reminders would go to somebody who is not there to answer them.",
    wrong: "[person.\"old.lead@example.org\"]\nleft = 2026-09-30\n\n[kpi.conversion]\nowner = \"old.lead@example.org\"",
    right: KPI,
};

/// A KPI has a target.
pub const NO_TARGET: Lint = Lint {
    code: "no-target",
    severity: Severity::Error,
    says: "A KPI has a target.",
    why: "A metric counts; a KPI judges. Without a target there is nothing to judge by.",
    wrong: "[kpi.conversion]\nmetric = \"conversion_rate/success_per_contact\"\nowner  = \"lead@example.org\"\nwindow = \"month\"",
    right: KPI,
};

/// A KPI has a window.
pub const NO_WINDOW: Lint = Lint {
    code: "no-window",
    severity: Severity::Error,
    says: "A KPI has a time window.",
    why: "A target for a month and a target for a day are two targets; a figure is judged over the time that it was promised for.",
    wrong: "[kpi.conversion]\nmetric = \"conversion_rate/success_per_contact\"\nowner  = \"lead@example.org\"\ntarget = { at_least = 0.052 }",
    right: KPI,
};

/// Two targets never hold at once.
pub const OVERLAPPING_TARGETS: Lint = Lint {
    code: "overlapping-targets",
    severity: Severity::Error,
    says: "For one place and day there is one target.",
    why: "Whoever misses one of two targets meets the other; which of them counts would be decided after the fact.",
    wrong: "[[kpi.conversion.target]]\nat_least = 0.052\n[[kpi.conversion.target]]\nfrom     = 2026-10-01\nat_least = 0.055",
    right: "[[kpi.conversion.target]]\nuntil    = 2026-10-01\nat_least = 0.052\n[[kpi.conversion.target]]\nfrom     = 2026-10-01\nat_least = 0.055",
};

/// A ramp begins near its goal.
pub const STEEP_RAMP: Lint = Lint {
    code: "steep-ramp",
    severity: Severity::Warning,
    says: "A ramp begins 5 to 10 % below the long-term goal.",
    why: "A programme that may begin far below its goal is green while it fails, and red on the day the ramp ends.",
    wrong: "target = { at_least = 0.80, ramp = { starts = 2026-10-01, days = 90, eased_by = \"30 %\" } }",
    right: "target = { at_least = 0.80, ramp = { starts = 2026-10-01, days = 90, eased_by = \"10 %\" } }",
};

/// Targets are looked at again.
pub const STALE_TARGET: Lint = Lint {
    code: "stale-target",
    severity: Severity::Warning,
    says: "Targets are reviewed every quarter.",
    why: "A target that nobody has looked at for a year says what was hoped for then. Quarterly or half-yearly it is raised as the programme matures, or confirmed.",
    wrong: "[kpi.conversion]\nreviewed_on = 2025-11-03",
    right: "[kpi.conversion]\nreviewed_on = 2026-10-05",
};

/// The metric means what it meant when the target was set.
pub const DEFINITION_CHANGED: Lint = Lint {
    code: "definition-changed",
    severity: Severity::Error,
    says: "A target stands on the definition that it was set for.",
    why: "When the definition moves, the figure moves without any work having changed, and the target judges something that nobody agreed to. `dialmark kpis list --format json` shows the definition's present mark; write it down once both sides have looked at the target again.",
    wrong: "[kpi.conversion]\ndefined_as = \"0123456789abcdef\"",
    right: "[kpi.conversion]\ndefined_as = \"<the present mark>\"",
};

/// Conversion is paired with quality.
pub const NO_QUALITY_GUARD: Lint = Lint {
    code: "no-quality-guard",
    severity: Severity::Warning,
    says: "A conversion KPI has a guard that follows its quality.",
    why: "A rate that is lifted by loose appointments or pushed sales stalls one stage later. What follows it (qualified leads, cancellations, wins) is watched beside it.",
    wrong: "[kpi.conversion]\nmetric = \"conversion_rate/success_per_contact\"\nguards = []",
    right: "[kpi.conversion]\nmetric = \"conversion_rate/success_per_contact\"\nguards = [\"cancellation_rate\"]",
};

/// A scorecard has few KPIs.
pub const TOO_MANY_KPIS: Lint = Lint {
    code: "too-many-kpis",
    severity: Severity::Warning,
    says: "A scorecard has five to nine KPIs; under a contract five to seven primary and up to fifteen supporting ones.",
    why: "More dilutes: with twenty KPIs some are always green, and nobody knows which of the red ones matters.",
    wrong: "[scorecard.centre]\nkpis = [ ... fourteen of them ... ]",
    right: "[scorecard.centre]\nkpis       = [ ... seven ... ]\nsupporting = [ ... the others ... ]",
};

/// A scorecard looks ahead as well as back.
pub const ONLY_LAGGING: Lint = Lint {
    code: "only-lagging",
    severity: Severity::Warning,
    says: "A scorecard has leading KPIs beside lagging ones.",
    why: "Lagging figures confirm what can no longer be changed; leading ones move while there is time.",
    wrong: "[scorecard.centre]\nkpis = { sales_revenue = 50, cancellation = 50 }",
    right: "[scorecard.centre]\nkpis = { sales_revenue = 40, cancellation = 30, connection = 30 }",
};

/// Weights add up.
pub const WEIGHTS: Lint = Lint {
    code: "weights",
    severity: Severity::Error,
    says: "The weights of a scorecard add up to 100.",
    why: "The score is a weighted mean out of 100. Weights that add up to something else would make it a number out of something else.",
    wrong: "[scorecard.centre]\nkpis = { conversion = 60, aht = 60 }",
    right: "[scorecard.centre]\nkpis = { conversion = 60, aht = 40 }",
};

/// One denominator a scorecard.
pub const TWO_DENOMINATORS: Lint = Lint {
    code: "two-denominators",
    severity: Severity::Warning,
    says: "A scorecard shows one definition of a metric.",
    why: "Conversion per dial beside conversion per contact invites comparing two numbers that count different things.",
    wrong: "[scorecard.centre]\nkpis = { conversion_per_dial = 50, conversion_per_contact = 50 }",
    right: "[scorecard.centre]\nkpis = { conversion_per_contact = 50, connection = 50 }",
};

/// All rules, in the order of the documentation.
pub const ALL: &[Lint] = &[
    NO_OWNER,
    TWO_OWNERS,
    OWNER_LEFT,
    NO_TARGET,
    NO_WINDOW,
    OVERLAPPING_TARGETS,
    STEEP_RAMP,
    STALE_TARGET,
    DEFINITION_CHANGED,
    NO_QUALITY_GUARD,
    TOO_MANY_KPIS,
    ONLY_LAGGING,
    WEIGHTS,
    TWO_DENOMINATORS,
];

/// The rule of this name.
pub fn named(code: &str) -> Option<&'static Lint> {
    ALL.iter().find(|lint| lint.code == code)
}
