//! One request as the pages see it: its path, its query, the theme.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use dialmark_metrics::{Expr, expr};
use dialmark_view::asked::Asked;
use dialmark_view::link::Link;
use dialmark_view::shell::{Chip, Head, Place, Theme};
use dialmark_view::{narrow, when};

use crate::app::App;
use crate::problem::Problem;
use crate::stretch::Stretch;
use crate::visitor::cookie;

/// Name of the cookie that remembers the theme.
pub const THEME_COOKIE: &str = "dialmark_theme";

/// A request.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Path without the query.
    pub path: String,
    /// Parts of the query, the theme left out.
    pub pairs: Vec<(String, String)>,
    /// Theme at hand.
    pub theme: Theme,
}

impl Visit {
    /// Reads a request.
    pub fn read(uri: &Uri, headers: &HeaderMap) -> Visit {
        let mut pairs: Vec<(String, String)> =
            Query::<Vec<(String, String)>>::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default();
        let named = pairs.iter().find(|(n, _)| n == "theme").and_then(|(_, v)| Theme::from_word(v));
        pairs.retain(|(name, _)| name != "theme");
        let theme = named.or_else(|| theme_of(headers)).unwrap_or_default();
        Visit { path: uri.path().to_owned(), pairs, theme }
    }

    /// Splits the query into what all pages share and what is this page's own, which must be among `own`.
    pub fn asked(&self, own: &[&str]) -> Result<(Asked, Vec<(String, String)>), Problem> {
        let mut asked = Asked::default();
        let mut rest: Vec<(String, String)> = Vec::new();
        for (at, (name, value)) in self.pairs.iter().enumerate() {
            if self.pairs.iter().skip(at + 1).any(|(other, _)| other == name) {
                return Err(Problem::bad(format!("`{name}` is given twice.")));
            }
            if asked.take(name, value).map_err(Problem::bad)? {
                continue;
            }
            if !own.contains(&name.as_str()) {
                // A misspelt condition that is passed over would show other records than were asked for.
                return Err(Problem::bad(format!("This page has no parameter `{name}`.")));
            }
            if value.len() > dialmark_view::asked::LONGEST {
                return Err(Problem::bad(format!("`{name}` is too long.")));
            }
            rest.push((name.clone(), value.clone()));
        }
        Ok((asked, rest))
    }

    /// This page, for links that change only the theme.
    pub fn here(&self) -> Link {
        self.pairs.iter().fold(Link::to(&self.path), |link, (name, value)| link.with(name, value))
    }

    /// The top of a page about figures.
    pub fn head(
        &self,
        app: &App,
        title: &str,
        place: Place,
        asked: &Asked,
        stretch: &Stretch,
    ) -> Result<Head, Problem> {
        Ok(Head {
            scope: self.chips(asked)?,
            period: Some(stretch.words.clone()),
            against: stretch.against.clone(),
            zone: Some(app.centre.zone().to_owned()),
            freshness: stretch
                .data_to
                .map(|at| format!("data to {}", when::instant(at, app.centre.time_zone()))),
            ..self.plain_head(app, title, place)
        })
    }

    /// The top of a page without figures.
    pub fn plain_head(&self, app: &App, title: &str, place: Place) -> Head {
        Head {
            ways: app.visitor.ways(place),
            menu: app.visitor.menu(),
            reader: app.visitor.reader(),
            ..Head::plain(app.centre.name(), title, place, self.theme, self.here())
        }
    }

    /// The conditions one by one, each with this page without it.
    fn chips(&self, asked: &Asked) -> Result<Vec<Chip>, Problem> {
        let Some(filter) = filter(asked)? else { return Ok(Vec::new()) };
        let conditions = narrow::conditions(&filter);
        Ok(conditions
            .iter()
            .enumerate()
            .map(|(at, condition)| {
                let rest = narrow::without(&filter, at);
                let link = self
                    .pairs
                    .iter()
                    // Fewer conditions mean more records: begin with their first page.
                    .filter(|(name, _)| name != "where" && name != "page")
                    .fold(Link::to(&self.path), |link, (name, value)| link.with(name, value))
                    .with_some("where", rest);
                Chip { says: condition.to_string(), drop: Some(link) }
            })
            .collect())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visit, Infallible> {
        Ok(Visit::read(&parts.uri, &parts.headers))
    }
}

/// The condition that was asked for.
pub fn filter(asked: &Asked) -> Result<Option<Expr>, Problem> {
    let Some(text) = &asked.filter else { return Ok(None) };
    match expr::parse(text) {
        Ok(filter) => Ok(Some(filter)),
        Err(error) => Err(Problem::bad(format!("The condition `{text}` cannot be read: {error}"))
            .helped("Write one such as `campaign_id = 'north' and attempt_no <= 3`.")),
    }
}

fn theme_of(headers: &HeaderMap) -> Option<Theme> {
    cookie(headers, THEME_COOKIE).and_then(Theme::from_word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header;

    fn visit(uri: &str, cookie: &str) -> Visit {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookie.parse().unwrap());
        Visit::read(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn the_query_names_the_theme_before_the_cookie_does() {
        assert_eq!(visit("/?theme=dark", "a=b; dialmark_theme=light").theme, Theme::Dark);
        assert_eq!(visit("/", "a=b; dialmark_theme=light").theme, Theme::Light);
        assert_eq!(visit("/?theme=pink", "").theme, Theme::Auto);
        assert_eq!(visit("/?theme=dark&from=2026-11-01", "").here().to_string(), "/?from=2026-11-01");
    }

    #[test]
    fn a_parameter_that_is_unknown_or_given_twice_is_refused_rather_than_passed_over() {
        let problem = visit("/?form=2026-11-01", "").asked(&[]).unwrap_err();
        assert_eq!(problem.sentence, "This page has no parameter `form`.");
        assert!(visit("/?by=a&by=b", "").asked(&[]).unwrap_err().sentence.contains("twice"));
        let (asked, own) = visit("/?by=team_id&page=2", "").asked(&["page"]).unwrap();
        assert_eq!(asked.by.as_deref(), Some("team_id"));
        assert_eq!(own, [("page".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn a_condition_that_cannot_be_read_says_so() {
        let asked = Asked { filter: Some("campaign_id = ".to_owned()), ..Asked::default() };
        let problem = filter(&asked).unwrap_err();
        assert!(problem.sentence.contains("campaign_id = ") && problem.help.is_some());
    }
}
