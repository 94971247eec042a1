//! What was amended or found odd in a value on its way in.

/// One thing that was amended or found odd. Stored as `column:flag` with the row, and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    /// A local time that does not exist was moved forward over the gap.
    MovedForward,
    /// A local time that exists twice was taken as the earlier.
    Ambiguous,
    /// A date-less clock was moved to the next day.
    NextDay,
    /// A date without a time was taken as midnight.
    DateOnly,
    /// A time before the one it must follow was left as it is.
    Early,
    /// A negative duration became null.
    Negative,
    /// A value beyond all sense became null.
    OutOfRange,
    /// A text that is no value of its kind became null.
    Unreadable,
    /// More digits than the kind keeps were rounded.
    Inexact,
    /// A reported duration differs from the instants around it.
    Mismatch,
    /// A time before the start of its record became null.
    BeforeStart,
    /// A word that its column does not know.
    Unknown,
    /// The caller did not show a number.
    Withheld,
    /// A number that could not be read as E.164.
    Unread,
    /// What stood for a person who was erased.
    Erased,
}

impl Flag {
    /// All flags, in the order in which the reference lists them.
    pub const ALL: [Flag; 15] = [
        Flag::MovedForward,
        Flag::Ambiguous,
        Flag::NextDay,
        Flag::DateOnly,
        Flag::Early,
        Flag::Negative,
        Flag::OutOfRange,
        Flag::Unreadable,
        Flag::Inexact,
        Flag::Mismatch,
        Flag::BeforeStart,
        Flag::Unknown,
        Flag::Withheld,
        Flag::Unread,
        Flag::Erased,
    ];

    /// The word for it in stored rows and reports.
    pub const fn word(self) -> &'static str {
        match self {
            Flag::MovedForward => "moved_forward",
            Flag::Ambiguous => "ambiguous",
            Flag::NextDay => "next_day",
            Flag::DateOnly => "date_only",
            Flag::Early => "early",
            Flag::Negative => "negative",
            Flag::OutOfRange => "out_of_range",
            Flag::Unreadable => "unreadable",
            Flag::Inexact => "inexact",
            Flag::Mismatch => "mismatch",
            Flag::BeforeStart => "before_start",
            Flag::Unknown => "unknown",
            Flag::Withheld => "withheld",
            Flag::Unread => "unread",
            Flag::Erased => "erased",
        }
    }

    /// What it means, as a sentence.
    pub const fn about(self) -> &'static str {
        match self {
            Flag::MovedForward => "The local time does not exist and was moved forward over the gap.",
            Flag::Ambiguous => "The local time exists twice and was taken as the earlier.",
            Flag::NextDay => "A clock without a date was moved to the next day.",
            Flag::DateOnly => "A date without a time was taken as midnight.",
            Flag::Early => "The time precedes the one that it should follow, and was left as it is.",
            Flag::Negative => "The duration was negative and became null.",
            Flag::OutOfRange => "The value was beyond all sense and became null.",
            Flag::Unreadable => "The text is no value of its kind and became null.",
            Flag::Inexact => "The value had more digits than are kept and was rounded half to even.",
            Flag::Mismatch => {
                "The reported duration differs from the instants around it by more than a second."
            }
            Flag::BeforeStart => "The time precedes the start of its record and became null.",
            Flag::Unknown => {
                "The word is none of those that the column knows; a direction became null, other words were kept."
            }
            Flag::Withheld => "The caller did not show a number, so there is none.",
            Flag::Unread => {
                "The number could not be read as an international one, so it is known again only where it is written the same; `country` says whose it is."
            }
            Flag::Erased => "It stood for a person who was erased and became null.",
        }
    }

    /// Its place in [`Flag::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    const fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

/// Flags of one value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FlagSet(u16);

impl FlagSet {
    /// No flag.
    pub const NONE: FlagSet = FlagSet(0);

    /// One flag.
    pub const fn of(flag: Flag) -> FlagSet {
        FlagSet(flag.bit())
    }

    /// These and one more.
    pub const fn with(self, flag: Flag) -> FlagSet {
        FlagSet(self.0 | flag.bit())
    }

    /// Without those that say how a local time was placed.
    pub const fn without_placing(self) -> FlagSet {
        FlagSet(self.0 & !(Flag::MovedForward.bit() | Flag::Ambiguous.bit()))
    }

    /// Both together.
    pub const fn and(self, other: FlagSet) -> FlagSet {
        FlagSet(self.0 | other.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The flags, in their order.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.0 & flag.bit() != 0)
    }
}
