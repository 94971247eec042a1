//! What every page asks about the store as a whole: remembered as long as nothing was committed.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use dialmark_govern::access::Confined;
use dialmark_govern::contract::{Billing, BillingPeriod};
use dialmark_govern::today::Today;
use dialmark_govern::{CardRow, Place, Role, Scorecard, Standing};
use dialmark_manage::{Asked, Sight};
use dialmark_metrics::catalogue::Filled;
use jiff::Timestamp;

use crate::app::App;
use crate::problem::Problem;

/// Facts about one state of the store.
#[derive(Debug, Clone)]
pub struct Known {
    /// Number of the last commit in it.
    snapshot_id: i64,
    /// First and last instant of the data.
    pub extent: Option<(Timestamp, Timestamp)>,
    /// Columns that have values, by table; [`App::filled`] has those that the visitor may see.
    filled: Filled,
    /// Codes that no disposition map knows, with the calls that carry them.
    pub unmapped: Vec<(String, u64)>,
    /// Agents on calls whom no roster knows, and their calls.
    pub unknown_agents: Vec<(String, u64)>,
}

/// How things stand, as of one state of the store and one instant: a page that is looked at often is computed once for all who
/// see the same records.
#[derive(Debug, Default)]
pub struct Stands {
    snapshot_id: i64,
    until: Option<Timestamp>,
    seen: BTreeMap<(Role, Confined), Seen>,
}

/// How KPIs stand.
#[derive(Debug, Clone, Default)]
pub struct KpisStand {
    /// Each of them.
    pub all: Arc<Vec<Standing>>,
    /// Whether what guards them, and what is still to ripen, has been looked at yet.
    pub are_guarded: bool,
}

/// How things stand for those who see the same records.
#[derive(Debug, Default)]
struct Seen {
    kpis: Option<KpisStand>,
    cards: BTreeMap<(String, usize), Arc<Vec<CardRow>>>,
    sights: BTreeMap<Place, Sight>,
    today: BTreeMap<(Place, Timestamp), Arc<Today>>,
}

/// Answers of today that are remembered: everything, and a campaign or team or two.
const TODAYS: usize = 12;

impl App {
    /// How much the visitor sees of a place's records.
    pub(crate) async fn sight(&self, place: &Place) -> Result<Sight, Problem> {
        let access = &self.visitor.access;
        if access.is_whole() {
            return Ok(Sight::All);
        }
        if !access.touches(place) {
            return Ok(Sight::Nothing);
        }
        let snapshot_id = self.lake.snapshot().await?.id;
        if let Some(known) = self.remembered(snapshot_id, None, |seen| seen.sights.get(place).copied()) {
            return Ok(known);
        }
        let desk = self.desk();
        let found = dialmark_manage::sight(desk.engine, desk.scope, place).await?;
        self.remembered(snapshot_id, None, |seen| seen.sights.insert(place.clone(), found));
        Ok(found)
    }

    /// Whether what is promised for a place is shown to the visitor: where some of its records are theirs, and to a client where
    /// all are. What is promised to others is none of a client's business.
    pub(crate) async fn shows(&self, place: &Place) -> Result<bool, Problem> {
        let sight = self.sight(place).await?;
        Ok(match self.visitor.access.role() {
            Role::Client => sight == Sight::All,
            _ => sight > Sight::Nothing,
        })
    }

    /// Columns that have values and that the visitor may see, by table.
    pub(crate) fn filled(&self, known: &Known) -> Filled {
        self.engine.without_hidden(&known.filled)
    }

    /// How all KPIs stand that are shown to the visitor. What guards them is looked at meanwhile, which takes longer than somebody
    /// waits for a page, and stands there when they come again.
    pub(crate) async fn kpis_stand(&self, asked: &Asked<'_>) -> Result<KpisStand, Problem> {
        let snapshot_id = self.lake.snapshot().await?.id;
        if let Some(known) = self.stands(snapshot_id, asked, |stands| stands.kpis.clone()) {
            return Ok(known);
        }
        let mut kpis = Vec::new();
        for kpi in self.promises.governed.kpis.values() {
            if !self.engine.hides_metric(&kpi.metric) && self.shows(&kpi.place).await? {
                kpis.push(kpi);
            }
        }
        let all = Arc::new(dialmark_manage::standings(&self.engine, &kpis, asked).await?);
        let found = KpisStand { all, are_guarded: false };
        self.stands(snapshot_id, asked, |stands| stands.kpis.replace(found.clone()));
        let (app, reach, mut guarded) = (self.clone(), asked.reach, Vec::clone(&found.all));
        tokio::spawn(async move {
            let scope = app.visitor.access.scope();
            match dialmark_manage::look_after(&app.engine, &mut guarded, reach, &scope).await {
                Ok(()) => {
                    let guarded = KpisStand { all: Arc::new(guarded), are_guarded: true };
                    app.remembered(snapshot_id, Some(reach.until), |seen| seen.kpis.replace(guarded));
                }
                Err(error) => {
                    tracing::warn!(%error, "guards could not be looked at");
                    // Whoever comes next tries again.
                    app.remembered(snapshot_id, Some(reach.until), |seen| seen.kpis.take());
                }
            }
        });
        Ok(found)
    }

    /// What is remembered of today, of a place and up to an instant.
    pub(crate) async fn today_known(&self, key: &(Place, Timestamp)) -> Result<Option<Arc<Today>>, Problem> {
        let snapshot_id = self.lake.snapshot().await?.id;
        Ok(self.remembered(snapshot_id, None, |seen| seen.today.get(key).cloned()))
    }

    /// Remembers what was found of today.
    pub(crate) async fn keep_today(&self, key: (Place, Timestamp), today: Today) -> Result<(), Problem> {
        let snapshot_id = self.lake.snapshot().await?.id;
        self.remembered(snapshot_id, None, |seen| {
            if seen.today.len() >= TODAYS {
                seen.today.clear();
            }
            seen.today.insert(key, Arc::new(today));
        });
        Ok(())
    }

    /// How a scorecard stands, so many levels of its cascade deep.
    pub(crate) async fn card_stands(
        &self,
        card: &Scorecard,
        depth: usize,
        asked: &Asked<'_>,
    ) -> Result<Arc<Vec<CardRow>>, Problem> {
        let snapshot_id = self.lake.snapshot().await?.id;
        let key = (card.name.clone(), depth);
        if let Some(known) = self.stands(snapshot_id, asked, |stands| stands.cards.get(&key).cloned()) {
            return Ok(known);
        }
        let governed = &self.promises.governed;
        let found = Arc::new(dialmark_manage::scorecard(&self.engine, governed, card, depth, asked).await?);
        self.stands(snapshot_id, asked, |stands| stands.cards.insert(key, Arc::clone(&found)));
        Ok(found)
    }

    /// What is remembered for this state of the store and this instant; what was remembered for others is forgotten.
    fn stands<T>(&self, snapshot_id: i64, asked: &Asked<'_>, of: impl FnOnce(&mut Seen) -> T) -> T {
        self.remembered(snapshot_id, Some(asked.reach.until), of)
    }

    /// The same; without an instant for what only a commit changes.
    fn remembered<T>(
        &self,
        snapshot_id: i64,
        until: Option<Timestamp>,
        of: impl FnOnce(&mut Seen) -> T,
    ) -> T {
        let mut stands = self.stands.lock().unwrap_or_else(PoisonError::into_inner);
        if stands.snapshot_id != snapshot_id || until.is_some_and(|until| stands.until != Some(until)) {
            *stands = Stands { snapshot_id, until, ..Stands::default() };
        }
        let access = &self.visitor.access;
        of(stands.seen.entry((access.role(), access.confined().clone())).or_default())
    }

    /// What is known of the store as it is now.
    pub(crate) async fn known(&self) -> Result<Arc<Known>, Problem> {
        let snapshot_id = self.lake.snapshot().await?.id;
        let remembered = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = remembered.filter(|known| known.snapshot_id == snapshot_id) {
            return Ok(known);
        }
        // An import that commits while these are asked makes them newer than the number says; the next page
        // finds another number and asks again.
        // It is remembered for everybody, so that it is of everything, whoever asks first. Codes and agents are shown to
        // those only who see the whole.
        let engine = self.desk().engine;
        let known = Arc::new(Known {
            snapshot_id,
            extent: engine.extent().await?,
            filled: engine.filled().await?,
            unmapped: engine.unmapped().await?,
            unknown_agents: engine.unknown_agents().await?,
        });
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    /// The last periods that have records, the latest first, at most so many.
    pub(crate) async fn periods(&self, billing: Billing, most: usize) -> Result<Vec<BillingPeriod>, Problem> {
        let Some((first, last)) = self.known().await?.extent else { return Ok(Vec::new()) };
        let calendar = self.engine.calendar();
        let (first, mut day) = (calendar.day_of(first), calendar.day_of(last));
        let mut found = Vec::new();
        while let Some(period) = BillingPeriod::of(billing, day).filter(|_| found.len() < most) {
            found.push(period);
            match period.days().from().yesterday().ok().filter(|before| *before >= first) {
                Some(before) => day = before,
                None => break,
            }
        }
        Ok(found)
    }
}
