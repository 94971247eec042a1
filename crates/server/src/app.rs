//! What every handler works with: what is declared, the store, and whose eyes it is seen with.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use dialmark_engine::Engine;
use dialmark_govern::{Governed, Right};
use dialmark_lake::Lake;
use dialmark_manage::{By, Desk};
use dialmark_metrics::Scope;
use dialmark_model::DispositionMap;
use dialmark_model::declared::Problem as Mistake;
use dialmark_model::source::Source;
use dialmark_project::Centre;
use dialmark_state::State;
use dialmark_view::pages::overview::TourStep;
use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::jobs::Keep;
use crate::known::{Known, Stands};
use crate::leaving::Ways;
use crate::problem::Problem;
use crate::receive::Receiver;
use crate::visitor::Visitor;

/// Questions that are computed at the same time; more wait, so that a burst of pages cannot exhaust memory.
const QUESTIONS_AT_ONCE: usize = 4;

/// What is declared, as it is in force.
pub struct Declared {
    /// Answers questions.
    pub engine: Engine,
    /// Who the centre is.
    pub centre: Centre,
    /// What is promised, and what is wrong with how it is declared.
    pub promises: Promises,
    /// How records come in and how long they stay.
    pub intake: Intake,
    /// By which ways something leaves.
    pub ways: Ways,
}

/// How records come in and how long they stay.
#[derive(Debug, Clone)]
pub struct Intake {
    /// How the records of each source are read.
    pub sources: Vec<Source>,
    /// How long what is kept.
    pub keep: Keep,
}

/// What is promised.
#[derive(Debug, Clone, Default)]
pub struct Promises {
    /// KPIs, scorecards and what else is declared.
    pub governed: Governed,
    /// Mistakes in the declarations, as sentences; while there are any, nothing is judged.
    pub problems: Vec<String>,
    /// The texts that they were read from, by path: what is frozen keeps them.
    pub files: BTreeMap<String, String>,
    /// Sources of the records that are made here, such as evaluations.
    pub own_sources: Vec<Source>,
}

/// The project's files, as far as pages change them.
pub trait Declarations: Send + Sync {
    /// Reads them anew. What cannot be read is said in sentences.
    fn read(&self) -> Result<Declared, Vec<String>>;

    /// A number that changes when a text does.
    fn stamp(&self) -> u64;

    /// Everything that would be wrong with the project, had these files (below the project's folder, with `/`) these texts.
    fn mistakes_with(&self, files: &[(String, String)]) -> Vec<Mistake>;

    /// What codes would mean, had these files these texts; `None` when that cannot be read.
    fn dispositions_with(&self, files: &[(String, String)]) -> Option<DispositionMap>;

    /// The project's folder.
    fn folder(&self) -> &Path;
}

/// The table of what things cost, which not everybody may see.
const COSTS: &str = "costs";

/// What is served.
pub struct Served {
    /// What is declared.
    pub declared: Declared,
    /// Where it is declared.
    pub declarations: Arc<dyn Declarations>,
    /// Knows what came in.
    pub lake: Lake,
    /// Where a visitor should look first; empty for none.
    pub tour: Vec<TourStep>,
    /// Where decisions are.
    pub state: State,
    /// What takes the records that other programs send, if they may.
    pub receiver: Option<Receiver>,
    /// Names besides the loopback address's by which browsers may ask for it, through a proxy.
    pub hosts: Vec<String>,
}

/// What is served, as one visitor sees it: the engine shows their records only.
#[derive(Clone)]
pub(crate) struct App {
    pub engine: Engine,
    /// The engine without the visitor's confinement: for what rests on more than one's own records and says itself who may see
    /// it, such as a share in what a team has earned. It carries the visitor's scope beside it.
    whole: Engine,
    scope: Scope,
    pub lake: Lake,
    pub centre: Centre,
    pub tour: Arc<[TourStep]>,
    pub promises: Arc<Promises>,
    pub intake: Arc<Intake>,
    pub ways: Arc<Ways>,
    pub state: State,
    pub visitor: Visitor,
    turns: Arc<Semaphore>,
    pub known: Arc<Mutex<Option<Arc<Known>>>>,
    pub stands: Arc<Mutex<Stands>>,
    /// Answers of today are computed one after another.
    pub todays: Arc<tokio::sync::Mutex<()>>,
    /// Alerts that could not be looked at in their last round, and why.
    pub failing_alerts: Arc<Mutex<BTreeMap<String, String>>>,
}

impl App {
    fn of(served: &Shared, declared: Declared) -> App {
        App {
            whole: declared.engine.clone(),
            engine: declared.engine,
            scope: Scope::Everything,
            lake: served.0.lake.clone(),
            centre: declared.centre,
            tour: Arc::clone(&served.0.tour),
            promises: Arc::new(declared.promises),
            intake: Arc::new(declared.intake),
            ways: Arc::new(declared.ways),
            state: served.0.state.clone(),
            visitor: Visitor::nobody(),
            turns: Arc::clone(&served.0.turns),
            known: Arc::default(),
            stands: Arc::default(),
            todays: Arc::default(),
            failing_alerts: Arc::default(),
        }
    }

    /// The same with somebody's eyes.
    pub(crate) fn seen_by(&self, visitor: Visitor) -> App {
        let mut app = self.clone();
        app.scope = visitor.access.scope();
        app.engine = app.whole.clone().confined_to(app.scope.clone());
        if !visitor.may(Right::Costs) {
            app.engine = app.engine.hiding(&[COSTS]);
        }
        app.visitor = visitor;
        app
    }

    /// The engine without the visitor's confinement, for whether records have a value of a dimension at all.
    pub(crate) const fn whole(&self) -> &Engine {
        &self.whole
    }

    /// What decisions are made at, with the visitor's eyes.
    pub(crate) fn desk(&self) -> Desk<'_> {
        Desk {
            engine: &self.whole,
            governed: &self.promises.governed,
            state: &self.state,
            scope: &self.scope,
            now: Timestamp::now(),
        }
    }

    /// The visitor as whoever decides.
    pub(crate) fn by(&self) -> By<'_> {
        By { name: &self.visitor.name, agent_id: self.visitor.access.agent_id() }
    }

    /// The text of a file in which something is promised.
    pub(crate) fn promised_in(&self, path: &str) -> &str {
        self.promises.files.get(path).map(String::as_str).unwrap_or_default()
    }

    /// The name of somebody: declared people first, then accounts are as good as their name.
    pub(crate) fn name_of(&self, id: &str) -> String {
        let people = &self.promises.governed.people;
        let person =
            people.get(id).or_else(|| people.iter().find(|person| person.agent_id.as_deref() == Some(id)));
        person.map_or_else(|| id.to_owned(), |person| person.name.clone())
    }

    /// Waits for its turn to ask the engine; the turn lasts as long as what is returned.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>, Problem> {
        self.turns.acquire().await.map_err(|_| Problem::bad("The server is shutting down."))
    }
}

/// What all requests share. Cheap to clone.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    declarations: Arc<dyn Declarations>,
    lake: Lake,
    tour: Arc<[TourStep]>,
    state: State,
    hosts: Vec<String>,
    turns: Arc<Semaphore>,
    /// Changes one after another; each reads what the one before it wrote.
    changing: tokio::sync::Mutex<()>,
    current: RwLock<Option<Arc<App>>>,
}

impl Shared {
    /// Shares what is served, and what takes records.
    pub(crate) fn new(served: Served) -> (Shared, Option<Receiver>) {
        let Served { declared, declarations, lake, tour, state, receiver, hosts } = served;
        let shared = Shared(Arc::new(Inner {
            declarations,
            lake,
            tour: tour.into(),
            state,
            hosts,
            turns: Arc::new(Semaphore::new(QUESTIONS_AT_ONCE)),
            changing: tokio::sync::Mutex::new(()),
            current: RwLock::new(None),
        }));
        shared.put_in_force(declared);
        (shared, receiver)
    }

    fn put_in_force(&self, declared: Declared) {
        let app = Arc::new(App::of(self, declared));
        *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = Some(app);
    }

    /// What is in force now. A request that began before a change goes on with what was in force then.
    pub(crate) fn current(&self) -> Option<Arc<App>> {
        self.0.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn state(&self) -> &State {
        &self.0.state
    }

    pub(crate) fn hosts(&self) -> &[String] {
        &self.0.hosts
    }

    pub(crate) fn declarations(&self) -> &dyn Declarations {
        self.0.declarations.as_ref()
    }

    /// Waits until no other change is being made.
    pub(crate) async fn changing(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.changing.lock().await
    }

    /// Puts in force what the project's files say now.
    pub(crate) fn reload(&self) -> Result<(), Vec<String>> {
        self.0.declarations.read().map(|declared| self.put_in_force(declared))
    }

    /// How records come in, as it is in force.
    pub(crate) fn intake(&self) -> Option<Arc<Intake>> {
        self.current().map(|app| Arc::clone(&app.intake))
    }

    /// What windows are judged by, as it is in force.
    pub(crate) fn judged_by(&self) -> Option<(Engine, Arc<Promises>, State)> {
        self.current().map(|app| (app.engine.clone(), Arc::clone(&app.promises), app.state.clone()))
    }
}

/// What is served, with the eyes of whoever asked.
pub(crate) struct Seen(pub Arc<App>);

impl<S: Send + Sync> FromRequestParts<S> for Seen {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Seen, Infallible> {
        match parts.extensions.get::<Arc<App>>() {
            Some(app) => Ok(Seen(Arc::clone(app))),
            // `guard::check` stands before every handler and puts it there.
            None => unreachable!("a handler was reached without the guard"),
        }
    }
}
