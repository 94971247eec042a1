//! Who stands on a do-not-call list, and whose consent holds, as entries follow each other.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Consent;

/// An entry about a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// It was put on the list.
    Added,
    /// It was taken off.
    Removed,
    /// Consent was given; it lapses at the instant, if there is one.
    Given(Option<Timestamp>),
    /// Consent was taken back.
    Revoked,
}

#[derive(Debug, Clone, Copy)]
enum Said {
    Given { at: Timestamp, until: Option<Timestamp> },
    Revoked,
}

/// How a number stands after the entries so far. An entry is limited to a campaign or client, or is about all of them.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    listed: BTreeMap<Option<String>, Timestamp>,
    consent: BTreeMap<Option<String>, Said>,
}

impl Standing {
    /// Takes the next entry in the order of time.
    pub fn note(&mut self, at: Timestamp, entry: Listed, limited_to: Option<&str>) {
        let scope = limited_to.map(str::to_owned);
        match entry {
            Listed::Added => {
                self.listed.entry(scope).or_insert(at);
            }
            // Off all lists, whatever they were limited to.
            Listed::Removed if scope.is_none() => self.listed.clear(),
            Listed::Removed => {
                self.listed.remove(&scope);
            }
            Listed::Given(until) => {
                self.consent.insert(scope, Said::Given { at, until });
            }
            Listed::Revoked => {
                if scope.is_none() {
                    self.consent.clear();
                }
                self.consent.insert(scope, Said::Revoked);
            }
        }
    }

    /// Since when it is listed for a call that belongs to one of these; the earliest of several entries.
    fn listed_since(&self, of: &[Option<&str>]) -> Option<Timestamp> {
        self.listed.iter().filter(|(scope, _)| covers(scope, of)).map(|(_, since)| *since).min()
    }

    /// When the consent was given that holds at an instant; the latest of several.
    fn given(&self, at: Timestamp, of: &[Option<&str>]) -> Option<Timestamp> {
        let holds = |said: &Said| match said {
            Said::Given { at: given, until } if until.is_none_or(|until| at < until) => Some(*given),
            _ => None,
        };
        self.consent.iter().filter(|(scope, _)| covers(scope, of)).filter_map(|(_, said)| holds(said)).max()
    }

    /// Whether a call breaks a list: it is listed, and no consent lifts that. On a list of one's own only consent does that was
    /// given after the entry; on a register that anybody may enter, consent of any time.
    pub fn breaks_list(&self, at: Timestamp, of: &[Option<&str>], is_own: bool) -> bool {
        let Some(since) = self.listed_since(of) else { return false };
        self.given(at, of).is_none_or(|given| is_own && given <= since)
    }

    /// Whether a call goes against what was said about consent.
    pub fn breaks_consent(&self, at: Timestamp, of: &[Option<&str>], asks: Consent) -> bool {
        let given = self.given(at, of).is_some();
        let revoked =
            self.consent.iter().any(|(scope, said)| covers(scope, of) && matches!(said, Said::Revoked));
        match asks {
            Consent::Given => !given,
            Consent::NotRevoked => revoked && !given,
        }
    }
}

/// Whether an entry is about a call of one of these: a campaign, a client.
fn covers(scope: &Option<String>, of: &[Option<&str>]) -> bool {
    scope.as_deref().is_none_or(|scope| of.contains(&Some(scope)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i8) -> Timestamp {
        jiff::civil::date(2026, 3, day).at(9, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
    }

    const HOME: &[Option<&str>] = &[Some("home"), Some("brightwatt")];
    const OTHER: &[Option<&str>] = &[Some("other"), None];

    #[test]
    fn who_asked_is_not_called_until_taken_off_again() {
        let mut number = Standing::default();
        assert!(!number.breaks_list(at(1), HOME, true));
        number.note(at(2), Listed::Added, None);
        assert!(number.breaks_list(at(3), HOME, true));
        number.note(at(4), Listed::Removed, None);
        assert!(!number.breaks_list(at(5), HOME, true));
    }

    #[test]
    fn an_entry_may_be_limited_to_a_campaign_or_client() {
        let mut number = Standing::default();
        number.note(at(2), Listed::Added, Some("brightwatt"));
        assert!(number.breaks_list(at(3), HOME, true) && !number.breaks_list(at(3), OTHER, true));
        number.note(at(4), Listed::Removed, Some("home"));
        assert!(number.breaks_list(at(5), HOME, true), "another entry than the one that was removed");
    }

    #[test]
    fn consent_lifts_a_register_and_ones_own_list_only_when_it_came_later() {
        let mut number = Standing::default();
        number.note(at(1), Listed::Given(Some(at(20))), None);
        number.note(at(2), Listed::Added, None);
        assert!(number.breaks_list(at(3), HOME, true) && !number.breaks_list(at(3), HOME, false));
        assert!(number.breaks_list(at(20), HOME, false), "it has lapsed");
        number.note(at(4), Listed::Given(None), Some("home"));
        assert!(!number.breaks_list(at(5), HOME, true) && number.breaks_list(at(5), OTHER, true));
    }

    #[test]
    fn consent_that_was_taken_back_is_none_until_it_is_given_again() {
        let mut number = Standing::default();
        assert!(!number.breaks_consent(at(1), HOME, Consent::NotRevoked), "nobody said anything");
        assert!(number.breaks_consent(at(1), HOME, Consent::Given));
        number.note(at(2), Listed::Given(None), Some("home"));
        assert!(!number.breaks_consent(at(3), HOME, Consent::Given));
        assert!(number.breaks_consent(at(3), OTHER, Consent::Given));
        number.note(at(4), Listed::Revoked, None);
        assert!(number.breaks_consent(at(5), HOME, Consent::NotRevoked));
        number.note(at(6), Listed::Given(None), None);
        assert!(!number.breaks_consent(at(7), HOME, Consent::NotRevoked));
        assert!(!number.breaks_consent(at(7), OTHER, Consent::Given));
    }
}
