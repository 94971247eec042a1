//! Which calling rules hold for a centre: those that ship for where it calls, and its own.

use std::collections::{BTreeMap, BTreeSet};

use dialmark_metrics::Catalogue;
use dialmark_model::declared::{Section, nearest};
use jiff::civil::Date;

use super::read::{builtin, rule};
use super::{Asks, Rule};

/// Where rules hold that hold everywhere.
const EVERYWHERE: &str = "everywhere";

/// What a centre says of calling rules.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calling {
    /// Where it calls: a country or a part of one, such as `us` or `us_fl`; empty when nothing is declared.
    pub jurisdictions: Vec<String>,
    /// Rules that hold there, by name: those that ship, and the centre's own in their place or beside them.
    pub rules: Vec<Rule>,
}

/// A rule with the calls that it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct InForce<'c> {
    /// The rule.
    pub rule: &'c Rule,
    /// The part of a country by which the called place is chosen, such as `fl`; `None` where all calls go there.
    pub region: Option<&'c str>,
}

impl Calling {
    /// Reads `[calling]` and `[rule.NAME]` of all files. A rule of the name of one that ships takes its place.
    pub(crate) fn read(roots: &[Section<'_>], catalogue: &Catalogue) -> Calling {
        // What ships is sound: a test of its own says so.
        let (shipped, _) = builtin(catalogue);
        let mut rules: BTreeMap<String, Rule> = shipped.iter().map(|r| (r.name.clone(), r.clone())).collect();
        let mut own: BTreeMap<String, (String, usize)> = BTreeMap::new();
        let mut jurisdictions: Vec<String> = Vec::new();
        let (mut left_out, mut known) = (Vec::new(), places(&shipped));
        for (name, section) in roots.iter().flat_map(|root| root.named_sections("rule")) {
            let read = rule(&section, &name, catalogue);
            if let Some((file, line)) = own.get(&name) {
                section.error(
                    "",
                    format!("the rule `{name}` is declared twice: here and in {file}:{line}."),
                    Some("Remove or rename one of them.".to_owned()),
                );
                continue;
            }
            own.insert(name.clone(), (section.file().to_owned(), section.line()));
            if let Some(read) = read {
                known.insert(read.holds_in.clone());
                rules.insert(name, read);
            }
        }
        let mut said: Option<(String, usize)> = None;
        for section in roots.iter().filter_map(|root| root.section("calling")) {
            if let Some((file, line)) = &said {
                section.error(
                    "",
                    format!("`[calling]` is there twice: here and in {file}:{line}."),
                    Some("Put both into one.".to_owned()),
                );
                continue;
            }
            said = Some((section.file().to_owned(), section.line()));
            jurisdictions = section.texts("jurisdictions");
            left_out = section.texts("without");
            section.finish();
            for place in jurisdictions.iter().filter(|place| !known.contains(*place)) {
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                section.error("jurisdictions", format!("no rule holds in `{place}`."), Some(all(&names)));
            }
            for name in left_out.iter().filter(|name| !rules.contains_key(*name)) {
                let names: Vec<&str> = rules.keys().map(String::as_str).collect();
                section.error("without", format!("there is no rule `{name}`."), Some(near(name, &names)));
            }
        }
        rules.retain(|name, rule| {
            !left_out.contains(name) && (own.contains_key(name) || holds(&rule.holds_in, &jurisdictions))
        });
        Calling { jurisdictions, rules: rules.into_values().collect() }
    }

    /// The rules that hold on a day, by name.
    pub fn on(&self, day: Date) -> Vec<InForce<'_>> {
        self.within(day, day)
    }

    /// The rules that hold on one of these days, by name.
    pub fn within(&self, first: Date, last: Date) -> Vec<InForce<'_>> {
        let is_then = |rule: &&Rule| {
            rule.days.from.is_none_or(|from| from <= last)
                && rule.days.until.is_none_or(|until| first < until)
        };
        self.rules.iter().filter(is_then).map(|rule| InForce { rule, region: self.region(rule) }).collect()
    }

    /// A part of a country that is not declared itself is where the called place says so.
    fn region<'c>(&self, rule: &'c Rule) -> Option<&'c str> {
        let (_, part) = rule.holds_in.split_once('_')?;
        (!self.jurisdictions.contains(&rule.holds_in)).then_some(part)
    }
}

impl InForce<'_> {
    /// The calls that it is about, as a condition on them; `None` for all.
    pub fn condition(&self) -> Option<String> {
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let campaigns = match self.rule.campaigns.as_slice() {
            [] => None,
            some => {
                let names: Vec<String> = some.iter().map(|name| quoted(name)).collect();
                Some(format!("campaign_id in ({})", names.join(", ")))
            }
        };
        let region = self.region.map(|part| {
            let country = self.rule.holds_in.split('_').next().unwrap_or_default();
            let ways = [part.to_owned(), format!("{country}-{part}"), format!("{country}_{part}")];
            format!("lower(called_region) in ({})", ways.map(|way| quoted(&way)).join(", "))
        });
        let both: Vec<String> = campaigns.into_iter().chain(region).collect();
        (!both.is_empty()).then(|| both.join(" and "))
    }

    /// Whether it is about the share of calls that are abandoned.
    pub fn is_about_shares(&self) -> bool {
        matches!(self.rule.asks, Asks::Abandoned(_))
    }
}

/// A rule holds where it says, in all parts of a country that it names, and in the country for those parts of it that a
/// call's place says.
fn holds(holds_in: &str, jurisdictions: &[String]) -> bool {
    let is_part =
        |part: &str, whole: &str| part.strip_prefix(whole).is_some_and(|rest| rest.starts_with('_'));
    holds_in == EVERYWHERE
        || jurisdictions
            .iter()
            .any(|place| place == holds_in || is_part(place, holds_in) || is_part(holds_in, place))
}

/// Where rules that ship hold.
fn places(rules: &[Rule]) -> BTreeSet<String> {
    rules.iter().map(|rule| rule.holds_in.clone()).filter(|place| place != EVERYWHERE).collect()
}

fn near(name: &str, known: &[&str]) -> String {
    nearest(name, known.iter().copied()).map_or_else(|| all(known), |near| format!("Did you mean `{near}`?"))
}

fn all(known: &[&str]) -> String {
    format!("Known here: {}.", crate::reading::quoted(known.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dialmark_model::declared::{Document, Problems};
    use jiff::civil::date;

    fn read(text: &str) -> (Calling, Vec<String>) {
        let (catalogue, _) = Catalogue::builtin();
        let problems = Problems::new();
        let document = Document::parse("rules/own.toml", text, &problems).unwrap();
        let roots = [document.root(&problems)];
        let calling = Calling::read(&roots, &catalogue);
        roots[0].finish();
        (calling, problems.into_vec().iter().map(ToString::to_string).collect())
    }

    fn names(calling: &Calling) -> Vec<&str> {
        calling.rules.iter().map(|rule| rule.name.as_str()).collect()
    }

    #[test]
    fn without_a_jurisdiction_only_what_holds_everywhere_holds() {
        let (calling, said) = read("");
        assert_eq!((names(&calling), said), (vec!["own_list", "revoked_consent"], Vec::new()));
    }

    #[test]
    fn a_country_brings_its_parts_where_the_called_place_says_so() {
        let (calling, said) = read("[calling]\njurisdictions = [\"us\"]\n");
        assert_eq!(said, Vec::<String>::new());
        let all = calling.on(date(2026, 11, 19));
        let florida = all.iter().find(|one| one.rule.name == "us_fl_attempts").unwrap();
        assert_eq!(florida.condition().unwrap(), "lower(called_region) in ('fl', 'us-fl', 'us_fl')");
        assert!(all.iter().all(|one| !one.rule.name.starts_with("gb_")));
        // Whoever calls Florida alone says so, and the country's rules hold there as well.
        let (calling, _) = read("[calling]\njurisdictions = [\"us_fl\"]\n");
        let all = calling.on(date(2026, 11, 19));
        let florida = all.iter().find(|one| one.rule.name == "us_fl_attempts").unwrap();
        assert_eq!(florida.condition(), None);
        assert!(all.iter().any(|one| one.rule.name == "us_debt_attempts"));
        assert!(all.iter().all(|one| !one.rule.name.starts_with("us_ok")));
    }

    #[test]
    fn a_rule_holds_on_its_days_alone() {
        let (calling, _) = read("[calling]\njurisdictions = [\"us\"]\n");
        let on = |day| calling.on(day).iter().any(|one| one.rule.name == "us_debt_attempts");
        assert!(!on(date(2021, 11, 29)) && on(date(2021, 11, 30)));
        // A stretch that reaches into its days knows of it.
        assert!(
            calling.within(date(2021, 11, 1), date(2021, 12, 1)).len() > calling.on(date(2021, 11, 1)).len()
        );
    }

    #[test]
    fn a_rule_of_ones_own_takes_the_place_of_one_that_ships_and_one_may_be_left_out() {
        let text = "\
[calling]
jurisdictions = [\"gb\"]
without = [\"gb_register\"]

[rule.gb_redial]
in         = \"gb\"
says       = \"A day is enough.\"
source     = \"the client's contract\"
confidence = \"high\"
force      = \"law\"
campaigns  = [\"home\", \"o'brien\"]
kind       = \"no_redial\"
hours      = 24
";
        let (calling, said) = read(text);
        assert_eq!(said, Vec::<String>::new());
        assert_eq!(names(&calling), ["gb_abandoned_calls", "gb_redial", "own_list", "revoked_consent"]);
        let all = calling.on(date(2026, 11, 19));
        assert_eq!(all[1].rule.asks, Asks::NoRedial { hours: 24 });
        assert_eq!(all[1].rule.declared_in, "rules/own.toml");
        assert_eq!(all[1].condition().unwrap(), "campaign_id in ('home', 'o''brien')");
    }

    #[test]
    fn what_is_misspelt_is_said_at_its_line() {
        let (_, said) =
            read("[calling]\njurisdictions = [\"uk\"]\nwithout = [\"gb_redail\"]\njurisdiction = \"us\"\n");
        assert_eq!(
            said,
            [
                "error: rules/own.toml:2: calling.jurisdictions: no rule holds in `uk`. Known here: `ca`, `gb`, `us`, `us_fl`, `us_ok`.",
                "error: rules/own.toml:3: calling.without: there is no rule `gb_redail`. Did you mean `gb_redial`?",
                "error: rules/own.toml:4: calling.jurisdiction: nothing is known by this key. Did you mean `jurisdictions`?",
            ]
        );
    }
}
