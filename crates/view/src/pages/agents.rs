//! Agents of the records, each with the way to its page.

use maud::{Markup, html};

use crate::format;
use crate::link::Link;
use crate::parts;
use crate::shell::{self, Head};

/// What the page shows.
#[derive(Debug, Clone)]
pub struct AgentsPage {
    /// Top of the page.
    pub head: Head,
    /// The agents whose records the reader sees, in the order of their names.
    pub agents: Vec<AgentLine>,
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentLine {
    /// As in the records.
    pub id: String,
    /// Name to show; the same as `id` where nobody said another.
    pub name: String,
    /// Calls of the agent, of all time.
    pub calls: u64,
    /// The agent's page.
    pub href: Link,
}

/// The page.
pub fn render(model: &AgentsPage) -> Markup {
    shell::page(
        &model.head,
        &html! {
            p.lead { (parts::counted(model.agents.len(), "agent is", "agents are")) " on the calls that you see." }
            @if !model.agents.is_empty() {
                section.panel aria-labelledby="agents" {
                    h2 id="agents" { "Agents" }
                    div.scroll {
                        table.figures {
                            thead { tr { th { "Name" } th { "In the records" } th.num { "Calls" } } }
                            tbody {
                                @for agent in &model.agents {
                                    tr {
                                        th scope="row" { a href=(agent.href) { (agent.name) } }
                                        td { code { (agent.id) } }
                                        td.num { (format::count(agent.calls)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::{Place, Theme};

    #[test]
    fn each_agent_leads_to_a_page_and_names_are_escaped() {
        let line = AgentLine {
            id: "A<7>".to_owned(),
            name: "Ann & Co".to_owned(),
            calls: 1_204,
            href: Link::below("/agent", "A<7>"),
        };
        let head = Head::plain("Centre", "People", Place::People, Theme::Auto, Link::to("/agents"));
        let ways = vec![("Disputes".to_owned(), Link::to("/disputes"))];
        let text = render(&AgentsPage { head: Head { ways, ..head }, agents: vec![line] }).into_string();
        for wanted in
            ["href=\"/agent/A%3C7%3E\"", "Ann &amp; Co", "A&lt;7&gt;", "1\u{202f}204", "href=\"/disputes\""]
        {
            assert!(text.contains(wanted), "{wanted} not in {text}");
        }
    }
}
