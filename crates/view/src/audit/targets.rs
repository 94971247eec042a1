//! KPIs beside their targets.

use dialmark_govern::{Standing, Status};
use maud::{Markup, html};

use crate::pages::kpis::status;
use crate::{format, judged, parts};

pub(super) fn panel(standings: &[Standing]) -> Markup {
    html! {
        section.panel aria-labelledby="targets" {
            h2 id="targets" { "Beside own targets" }
            div.scroll tabindex="0" role="region" aria-label="Table: beside own targets" {
                table.figures {
                    thead { tr {
                        th scope="col" { "KPI" } th scope="col" { "Records" } th scope="col" { "Window" }
                        th.num scope="col" { "Value" } th.num scope="col" { "Interval, 95 %" } th.num scope="col" { "n" }
                        th scope="col" { "Target" } th scope="col" { "Status" }
                    } }
                    tbody {
                        @for one in standings {
                            tr {
                                th scope="row" { (one.kpi.label) }
                                td { (one.place) }
                                td { (judged::window(one)) }
                                td.num { (parts::value(&one.cell, one.kpi.unit)) }
                                td.num { (judged::interval(one).unwrap_or_else(|| format::DASH.to_owned())) }
                                td.num { (format::count(one.cell.n)) }
                                td { (judged::target(one)) }
                                td {
                                    (status(&one.status))
                                    @if let Status::NotEnough(why) = &one.status { div.why { (why) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
