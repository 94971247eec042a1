//! The frame of every page: what it is, of when, of what, in which zone, how fresh; and the ways on.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::link::Link;

/// The style sheet, for whoever serves it.
pub const STYLE: &str = include_str!("assets/dialmark.css");
/// Where pages expect it.
pub const STYLE_PATH: &str = "/assets/dialmark.css";
/// The picture beside the title in a browser's tab, for whoever serves it.
pub const ICON: &str = include_str!("assets/icon.svg");
/// Where pages expect it.
pub const ICON_PATH: &str = "/assets/icon.svg";

/// Where a form ends a session.
pub const SIGN_OUT_PATH: &str = "/sign-out";

/// Light or dark.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the reader's system has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All themes.
    pub const ALL: [Theme; 3] = [Theme::Auto, Theme::Light, Theme::Dark];

    /// The word in URLs and the cookie.
    pub const fn word(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// Reads [`Theme::word`] back.
    pub fn from_word(word: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|t| t.word() == word)
    }
}

/// Which entry of the menu a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// What happened, why, and what is needed.
    Today,
    /// The overview.
    Overview,
    /// KPIs and scorecards.
    Kpis,
    /// What follows from misses.
    Cases,
    /// Metrics.
    Metrics,
    /// One's own page, of who calls.
    Own,
    /// Agents, what they dispute, coaching.
    People,
    /// Evaluations and calibration.
    Quality,
    /// Contracts and statements.
    Contracts,
    /// Imports and quarantine.
    Data,
    /// Accounts, and the trail.
    Accounts,
    /// The trail, for those who keep no accounts.
    Trail,
    /// None.
    Elsewhere,
}

impl Place {
    /// Entries of the menu, in its order.
    pub const MENU: [Place; 12] = [
        Place::Own,
        Place::Today,
        Place::Overview,
        Place::Kpis,
        Place::Cases,
        Place::People,
        Place::Quality,
        Place::Contracts,
        Place::Metrics,
        Place::Data,
        Place::Accounts,
        Place::Trail,
    ];

    /// What the menu shows while nobody has an account: who sits at the machine is nobody's agent.
    pub const OF_THE_MACHINE: &[Place] = &[
        Place::Today,
        Place::Overview,
        Place::Kpis,
        Place::Cases,
        Place::People,
        Place::Quality,
        Place::Contracts,
        Place::Metrics,
        Place::Data,
        Place::Accounts,
    ];

    /// Address, word and picture of an entry of the menu.
    const fn entry(self) -> Option<(&'static str, &'static str, &'static str)> {
        Some(match self {
            Place::Own => (
                "/me",
                "My page",
                "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6M2.5 14c.6-3 2.7-4.5 5.5-4.5s4.9 1.5 5.5 4.5",
            ),
            Place::Today => ("/today", "Today", "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 4.500v3.500l2.5 1.500"),
            Place::Overview => ("/overview", "Overview", "M2 9a6 6 0 1 1 12 0M8 9l3-3M2 13h12"),
            Place::Kpis => {
                ("/kpis", "KPIs", "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6")
            }
            Place::Cases => ("/cases", "Cases", "M8 2l6 11H2zM8 6v4M8 11.5v.5"),
            Place::People => (
                "/agents",
                "People",
                "M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M1.5 13c.4-2.6 2-4 4.5-4s4.1 1.4 4.5 4M11 3.500a2.5 2.5 0 0 1 0 4.500M12.5 9.500c1.2.600 1.8 1.8 2 3.5",
            ),
            Place::Quality => ("/quality", "Quality", "M3 2h10v12H3zM5.5 6l1.5 1.500L10.5 4.500M5.5 11h5"),
            Place::Contracts => ("/contracts", "Contracts", "M4 2h6l3 3v9H4zM10 2v3h3M6 8h5M6 11h5"),
            Place::Metrics => ("/catalogue", "Metrics", "M12 3H4l4 5-4 5h8"),
            Place::Data => (
                "/data",
                "Data",
                "M3 4c0-1.1 2.2-2 5-2s5 .9 5 2-2.2 2-5 2-5-.9-5-2v8c0 1.1 2.2 2 5 2s5-.9 5-2V4M3 8c0 1.1 2.2 2 5 2s5-.9 5-2",
            ),
            Place::Accounts => {
                ("/accounts", "Accounts", "M8 2l5 2v4c0 3-2 5-5 6-3-1-5-3-5-6V4zM6 8l1.5 1.500L10.5 6.5")
            }
            Place::Trail => ("/trail", "Trail", "M4 2h8v12H4zM6 5h4M6 8h4M6 11h2"),
            Place::Elsewhere => return None,
        })
    }
}

/// Who reads the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The name they signed in with.
    pub name: String,
    /// What they are, such as `team lead`.
    pub role: String,
    /// Whose records they see, such as `team_id = leeds`; empty for all.
    pub sees: String,
}

/// One condition on the records, and the way back to more of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// The condition.
    pub says: String,
    /// The same page without it.
    pub drop: Option<Link>,
}

/// What stands at the top of every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Name of the centre.
    pub centre: String,
    /// Title of the page.
    pub title: String,
    /// Entry of the menu.
    pub place: Place,
    /// Theme at hand.
    pub theme: Theme,
    /// This page, for the links that change only the theme.
    pub here: Link,
    /// Which records; empty for all.
    pub scope: Vec<Chip>,
    /// Which time, in words.
    pub period: Option<String>,
    /// What it is compared with, in words.
    pub against: Option<String>,
    /// Zone in which days begin.
    pub zone: Option<String>,
    /// How far the data goes, in words.
    pub freshness: Option<String>,
    /// What else the reader may do from here: word and page.
    pub ways: Vec<(String, Link)>,
    /// Entries of the menu that the reader may follow.
    pub menu: Vec<Place>,
    /// Who reads it, if they signed in.
    pub reader: Option<Reader>,
}

impl Head {
    /// A head with nothing but names.
    pub fn plain(centre: &str, title: &str, place: Place, theme: Theme, here: Link) -> Head {
        Head {
            centre: centre.to_owned(),
            title: title.to_owned(),
            place,
            theme,
            here,
            scope: Vec::new(),
            period: None,
            against: None,
            zone: None,
            freshness: None,
            ways: Vec::new(),
            menu: Place::OF_THE_MACHINE.to_vec(),
            reader: None,
        }
    }
}

/// A page as it is served: the style sheet is linked.
pub fn page(head: &Head, body: &Markup) -> Markup {
    frame(
        head,
        &html! { link rel="stylesheet" href=(STYLE_PATH); link rel="icon" href=(ICON_PATH); },
        &html! {
            (side(head))
            main id="main" { (top(head)) (body) }
        },
    )
}

/// A page as one file that needs nothing else: the style sheet is inside, the menu is left out.
pub fn standalone(head: &Head, body: &Markup) -> Markup {
    frame(
        head,
        &html! { style { (PreEscaped(STYLE)) "body{display:block}main{margin:0 auto}" } },
        &html! {
            main id="main" { (top(head)) (body) }
        },
    )
}

fn frame(head: &Head, styles: &Markup, body: &Markup) -> Markup {
    let theme = (head.theme != Theme::Auto).then(|| head.theme.word());
    html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="same-origin";
                title { (head.title) " · " (head.centre) " · Dialmark" }
                (styles)
            }
            body {
                a.skip href="#main" { "Skip to the figures" }
                (body)
            }
        }
    }
}

fn side(head: &Head) -> Markup {
    html! {
        header.side {
            a.logo href="/" { "dialmark" }
            span.centre { (head.centre) }
            nav aria-label="Main" {
                @for (place, (path, word, icon)) in head.menu.iter().filter_map(|place| Some((place, place.entry()?))) {
                    a href=(path) aria-current=[(head.place == *place).then_some("page")] {
                        svg viewBox="0 0 16 16" aria-hidden="true" { path d=(icon) {} }
                        (word)
                    }
                }
            }
            div.theme role="group" aria-label="Theme" {
                @for theme in Theme::ALL {
                    a href=(head.here.clone().with("theme", theme.word()))
                        aria-current=[(head.theme == theme).then_some("true")] { (theme.word()) }
                }
            }
            @if let Some(reader) = &head.reader {
                div.reader {
                    a href="/password" { (reader.name) }
                    span { (reader.role) @if !reader.sees.is_empty() { ", " (reader.sees) } }
                    form method="post" action=(SIGN_OUT_PATH) { button type="submit" { "Sign out" } }
                }
            }
        }
    }
}

fn top(head: &Head) -> Markup {
    html! {
        div.top {
            h1 { (head.title) }
            @if head.scope.is_empty() && head.period.is_some() { (pill("scope", Some("all records"))) }
            @for chip in &head.scope {
                span.pill {
                    small { "where" } (chip.says)
                    @if let Some(drop) = &chip.drop {
                        a.drop href=(drop) aria-label={ "Without " (chip.says) } { "×" }
                    }
                }
            }
            (pill("period", head.period.as_deref()))
            (pill("against", head.against.as_deref()))
            (pill("zone", head.zone.as_deref()))
            @if let Some(freshness) = &head.freshness { span.fresh { (freshness) } }
        }
        @if !head.ways.is_empty() {
            nav.tabs aria-label="From here" { @for (says, href) in &head.ways { a href=(href) { (says) } } }
        }
    }
}

fn pill(name: &str, says: Option<&str>) -> Markup {
    html! { @if let Some(says) = says { span.pill { small { (name) } (says) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            scope: vec![Chip { says: "campaign_id = '<b>'".to_owned(), drop: Some(Link::to("/")) }],
            ..Head::plain(
                "A & B",
                "Overview",
                Place::Overview,
                Theme::Auto,
                Link::to("/").with("from", "2026-11-01"),
            )
        }
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere_and_nothing_runs() {
        for text in [page(&head(), &html! {}).into_string(), standalone(&head(), &html! {}).into_string()] {
            for word in ["http:", "https:", "//", "<script", "onclick", "@import", "url("] {
                assert!(!text.contains(word), "{word} in {text}");
            }
        }
    }

    #[test]
    fn what_comes_from_data_is_escaped() {
        let text = page(&head(), &html! {}).into_string();
        assert!(text.contains("A &amp; B") && text.contains("'&lt;b&gt;'") && !text.contains("<b>"));
    }

    /// Light and dark value of a token.
    fn token(name: &str) -> [f64; 2] {
        let (_, rest) = STYLE.split_once(&format!("--{name}: light-dark(")).unwrap();
        let (values, _) = rest.split_once(')').unwrap();
        let luminance = |hex: &str| {
            let channel = |at: usize| {
                let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
                if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
        };
        let (light, dark) = values.split_once(", ").unwrap();
        [luminance(light), luminance(dark)]
    }

    #[test]
    fn text_keeps_a_contrast_of_four_and_a_half_on_every_ground_in_both_themes() {
        for ground in ["bg", "panel", "band"] {
            for text in ["ink", "mute", "accent", "good", "bad", "close"] {
                for theme in [0, 1] {
                    let (a, b) = (token(ground)[theme], token(text)[theme]);
                    let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                    assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
                }
            }
        }
    }

    #[test]
    fn the_menu_shows_what_the_reader_may_follow_and_who_they_are() {
        let reader =
            Reader { name: "ann".to_owned(), role: "agent".to_owned(), sees: "agent_id = 7".to_owned() };
        let head = Head { menu: vec![Place::Own, Place::Kpis], reader: Some(reader), ..head() };
        let text = page(&head, &html! {}).into_string();
        assert!(
            text.contains("href=\"/me\"")
                && text.contains("href=\"/kpis\"")
                && !text.contains("href=\"/data\"")
        );
        assert!(text.contains("agent, agent_id = 7") && text.contains("Sign out"));
        assert!(Place::MENU.iter().all(|place| place.entry().is_some()));
    }

    #[test]
    fn the_page_tells_language_place_and_theme() {
        let text = page(&head(), &html! {}).into_string();
        assert!(text.contains("<html lang=\"en\">"), "{text}");
        assert!(text.contains("href=\"/overview\" aria-current=\"page\""));
        assert!(text.contains("href=\"/?from=2026-11-01&amp;theme=dark\""));
        let dark = page(&Head { theme: Theme::Dark, ..head() }, &html! {}).into_string();
        assert!(dark.contains("data-theme=\"dark\""));
    }
}
