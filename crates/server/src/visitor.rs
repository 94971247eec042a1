//! Who asks: whoever sits at the machine while nobody has an account, else whoever signed in.

use axum::http::{HeaderMap, header};
use dialmark_govern::{Access, Right};
use dialmark_state::{Account, LOCAL, State};
use dialmark_view::link::Link;
use dialmark_view::shell::{Place, Reader};

use crate::problem::Problem;

/// Name of the cookie that holds a session.
pub const SESSION_COOKIE: &str = "dialmark_session";

/// Somebody who asks for pages.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// What their deeds are written down under.
    pub name: String,
    /// What they may see and do.
    pub access: Access,
    /// The session that they signed in to; `None` at the machine, while nobody has an account.
    pub session: Option<String>,
    /// Whether they must choose a password first.
    pub must_change: bool,
    is_anybody: bool,
}

impl Visitor {
    /// Nobody yet: sees what needs no account.
    pub fn nobody() -> Visitor {
        Visitor { is_anybody: false, ..Visitor::local() }
    }

    /// Whoever sits at the machine.
    pub fn local() -> Visitor {
        Visitor {
            name: LOCAL.to_owned(),
            access: Access::whole(),
            session: None,
            must_change: false,
            is_anybody: true,
        }
    }

    fn of(account: Account, session: String) -> Visitor {
        Visitor {
            name: account.name,
            access: account.access,
            session: Some(session),
            must_change: account.must_change,
            is_anybody: true,
        }
    }

    /// Who sends these headers; `None` for somebody who has to sign in.
    pub async fn find(state: &State, headers: &HeaderMap) -> Result<Option<Visitor>, Problem> {
        if !state.has_accounts().await? {
            return Ok(Some(Visitor::local()));
        }
        let Some(session) = cookie(headers, SESSION_COOKIE) else { return Ok(None) };
        let account = state.session(session).await?;
        Ok(account.map(|account| Visitor::of(account, session.to_owned())))
    }

    /// Whether they may do something.
    pub fn may(&self, right: Right) -> bool {
        self.is_anybody && self.access.may(right)
    }

    /// The refusal of what they may not do.
    pub fn needs(&self, right: Right) -> Result<(), Problem> {
        match self.may(right) {
            true => Ok(()),
            false => Err(Problem::forbidden(format!(
                "As {} you may not {}{}.",
                self.access.role().label(),
                right.deed(),
                match right.is_of_the_whole() && !self.access.is_whole() {
                    true => ": it concerns the centre as a whole, and you see a part of it",
                    false => "",
                }
            ))),
        }
    }

    /// What the menu shows them.
    pub fn menu(&self) -> Vec<Place> {
        if !self.is_anybody || self.must_change {
            return Vec::new();
        }
        let shows = |place: &Place| match place {
            Place::Own => self.access.agent_id().is_some(),
            Place::Overview | Place::Kpis | Place::Metrics => self.may(Right::Figures),
            Place::Today => self.manages(),
            Place::Cases => self.may(Right::Cases),
            Place::People => self.may(Right::Agents),
            Place::Quality => self.may(Right::Evaluate),
            Place::Contracts => self.may(Right::Contracts),
            Place::Data => self.may(Right::Data),
            Place::Accounts => self.may(Right::Accounts),
            Place::Trail => self.may(Right::Trail) && !self.may(Right::Accounts),
            Place::Elsewhere => false,
        };
        Place::MENU.into_iter().filter(shows).collect()
    }

    /// What else they may do from a page of an entry: word and page.
    pub fn ways(&self, place: Place) -> Vec<(String, Link)> {
        let all: &[(&str, &str, Right)] = match place {
            Place::Kpis => {
                &[("New KPI", "/kpi", Right::EditKpis), ("Sets of KPIs", "/kpi-presets", Right::EditKpis)]
            }
            Place::People => &[
                ("Disputes", "/disputes", Right::DecideDisputes),
                ("Coaching", "/coaching", Right::Coach),
                ("Call backs", "/recovery", Right::Recover),
                ("Incentives", "/incentives", Right::Pay),
                ("Staffing", "/staff", Right::Figures),
            ],
            Place::Quality => {
                &[("Calibration", "/calibration", Right::Evaluate), ("Coaching", "/coaching", Right::Coach)]
            }
            Place::Cases => {
                &[("Alerts", "/alerts", Right::Cases), ("Calling rules", "/compliance", Right::Records)]
            }
            Place::Data => &[
                ("What codes mean", "/dispositions", Right::EditMaps),
                ("Reports that are sent", "/reports", Right::Reports),
            ],
            Place::Accounts => &[("Trail", "/trail", Right::Trail)],
            _ => &[],
        };
        let may = all.iter().filter(|(.., right)| self.may(*right));
        may.map(|(says, to, _)| ((*says).to_owned(), Link::to(to))).collect()
    }

    /// What the page says of them, once they signed in.
    pub fn reader(&self) -> Option<Reader> {
        self.session.as_ref()?;
        let sees = self.access.confined().iter();
        let sees: Vec<String> =
            sees.map(|(dimension, values)| format!("{dimension} = {}", values.join(" or "))).collect();
        Some(Reader {
            name: self.name.clone(),
            role: self.access.role().label().to_owned(),
            sees: sees.join(", "),
        })
    }
}

/// The value of a cookie.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}
