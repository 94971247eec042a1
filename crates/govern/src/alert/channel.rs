//! `[channel.NAME]`: where messages go. An address that is a secret, and what is signed with, never stand in the file.

use dialmark_model::declared::Section;
use dialmark_model::secret::{self, Secret};

use crate::reading::{self, missing, required_choice};
use crate::report::address as address_of;

/// Where messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Name, as in `[channel.NAME]`.
    pub name: String,
    /// By which way.
    pub way: Way,
    /// The address under which readers reach the pages, without a `/` at its end; `None` where links are shown as paths.
    pub pages_at: Option<String>,
    /// File of the declaration.
    pub declared_in: String,
    /// Its line.
    pub line: usize,
}

/// By which way a message goes, and what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Letters to these addresses; never empty.
    Mail(Vec<String>),
    /// An incoming webhook of Slack.
    Slack {
        /// Its address.
        url: Secret,
    },
    /// A workflow of Teams that takes adaptive cards.
    Teams {
        /// Its address.
        url: Secret,
    },
    /// Any program that takes JSON, signed as Standard Webhooks has it.
    Hook {
        /// Its address.
        url: Secret,
        /// What is signed with: `whsec_` and base64, or a text as it is.
        secret: Secret,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Mail,
    Slack,
    Teams,
    Hook,
}

const WORDS: [(&str, Word); 4] =
    [("mail", Word::Mail), ("slack", Word::Slack), ("teams", Word::Teams), ("hook", Word::Hook)];

impl Way {
    /// Its word.
    pub const fn word(&self) -> &'static str {
        match self {
            Way::Mail(_) => "mail",
            Way::Slack { .. } => "slack",
            Way::Teams { .. } => "teams",
            Way::Hook { .. } => "hook",
        }
    }

    /// Where the address is, for those that have one that is a secret.
    pub const fn url(&self) -> Option<&Secret> {
        match self {
            Way::Mail(_) => None,
            Way::Slack { url } | Way::Teams { url } | Way::Hook { url, .. } => Some(url),
        }
    }
}

impl Channel {
    /// Reads `[channel.NAME]`; what is wrong is reported, and then there is none.
    pub(crate) fn read(section: &Section<'_>, name: &str) -> Option<Channel> {
        let sound = reading::is_sound(section, "", name);
        let word = required_choice(section, "kind", &WORDS);
        // Asked for in each case, so that the schema knows all keys; a key of another kind is reported below.
        let to = section.texts("to");
        let url = secret::read(section, "url");
        let signed_with = secret::read(section, "secret");
        let pages_at = pages_at(section);
        section.finish();
        let way = way(section, word?, to, url?, signed_with?)?;
        Some(Channel {
            name: sound.then(|| name.to_owned())?,
            way,
            pages_at: pages_at?,
            declared_in: section.file().to_owned(),
            line: section.line(),
        })
    }
}

fn way(
    section: &Section<'_>,
    word: Word,
    to: Vec<String>,
    url: Option<Secret>,
    signed_with: Option<Secret>,
) -> Option<Way> {
    let kind = WORDS.iter().find(|(_, one)| *one == word).map_or("", |(text, _)| text);
    let mut is_sound = true;
    let mut refuse = |key: &str, present: bool| {
        if present {
            let help = Some("Remove it.".to_owned());
            section.error(key, format!("a channel of the kind `{kind}` has no `{key}`."), help);
            is_sound = false;
        }
    };
    if word != Word::Mail {
        refuse("to", section.has("to"));
    }
    if word != Word::Hook {
        ["secret_env", "secret_file"].iter().for_each(|key| refuse(key, section.has(key)));
    }
    if word == Word::Mail {
        ["url_env", "url_file"].iter().for_each(|key| refuse(key, section.has(key)));
    }
    let way = match word {
        Word::Mail => Some(Way::Mail(addresses(section, to)?)),
        Word::Slack => address(section, url).map(|url| Way::Slack { url }),
        Word::Teams => address(section, url).map(|url| Way::Teams { url }),
        Word::Hook => {
            let url = address(section, url);
            if signed_with.is_none() {
                let what = "the variable of the environment with the secret that messages are signed with";
                missing(section, "secret_env", what);
            }
            url.zip(signed_with).map(|(url, secret)| Way::Hook { url, secret })
        }
    };
    way.filter(|_| is_sound)
}

fn address(section: &Section<'_>, url: Option<Secret>) -> Option<Secret> {
    if url.is_none() {
        missing(
            section,
            "url_env",
            "the variable of the environment with the address; who knows it may write there",
        );
    }
    url
}

fn addresses(section: &Section<'_>, to: Vec<String>) -> Option<Vec<String>> {
    if to.is_empty() {
        missing(section, "to", "one address or several, such as `\"floor@example.org\"`");
        return None;
    }
    let wrong: Vec<String> = to.iter().filter_map(|text| address_of(text).err()).collect();
    wrong.iter().for_each(|sentence| section.error("to", sentence, None));
    wrong.is_empty().then_some(to)
}

/// The outer `None` is a problem.
fn pages_at(section: &Section<'_>) -> Option<Option<String>> {
    let Some(text) = section.text("pages_at") else {
        return if section.has("pages_at") { None } else { Some(None) };
    };
    let text = text.trim_end_matches('/');
    let is_address = (text.starts_with("https://") || text.starts_with("http://"))
        && text.chars().all(|c| c.is_ascii_graphic() && !"<>\"'|\\".contains(c));
    if !is_address {
        section.error(
            "pages_at",
            format!("`{text}` is no address such as `https://figures.example.org`."),
            None,
        );
        return None;
    }
    Some(Some(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::testing;

    fn read(text: &str) -> (Option<Channel>, Vec<String>) {
        testing::read(text, "channel", Channel::read)
    }

    #[test]
    fn a_channel_names_where_its_secrets_are() {
        let text = "[channel.pager]\nkind = \"hook\"\nurl_env = \"PAGER_URL\"\nsecret_file = \"pager.key\"\n\
                    pages_at = \"https://figures.example.org/\"\n";
        let (channel, problems) = read(text);
        assert_eq!(problems, Vec::<String>::new());
        let channel = channel.unwrap();
        let url = Secret::Variable("PAGER_URL".to_owned());
        assert_eq!(channel.way, Way::Hook { url, secret: Secret::File("pager.key".to_owned()) });
        assert_eq!(channel.pages_at.as_deref(), Some("https://figures.example.org"));
        let mail = read("[channel.floor]\nkind = \"mail\"\nto = \"floor@example.org\"\n").0.unwrap();
        assert_eq!(mail.way, Way::Mail(vec!["floor@example.org".to_owned()]));
    }

    #[test]
    fn what_a_channel_lacks_and_what_does_not_belong_to_it_is_said() {
        let text = "[channel.a]\nkind = \"slack\"\nto = \"x@example.org\"\nsecret_env = \"S\"\nurl = \"https://example.org\"\n";
        let (channel, problems) = read(text);
        assert_eq!(channel, None);
        let said = problems.join("\n");
        for part in [
            "a.toml:1: channel.a: `url_env` is missing.",
            "a.toml:3: channel.a.to: a channel of the kind `slack` has no `to`. Remove it.",
            "a.toml:4: channel.a.secret_env: a channel of the kind `slack` has no `secret_env`.",
            "a.toml:5: channel.a.url: nothing is known by this key.",
        ] {
            assert!(said.contains(part), "{part}\nis not in\n{said}");
        }
        assert!(
            read("[channel.a]\nkind = \"mail\"\nto = \"nobody\"\n").1[0]
                .contains("`nobody` is no mail address")
        );
        assert!(read("[channel.a]\nkind = \"pigeon\"\n").1[0].contains("`pigeon` is not known here."));
        let bad = "[channel.a]\nkind = \"teams\"\nurl_env = \"T\"\npages_at = \"figures\"\n";
        assert!(read(bad).1[0].contains("`figures` is no address such as"));
    }
}
