//! A letter as HTML that mail programs show: tables, and every style where it is used.

use maud::{DOCTYPE, Markup, html};

use super::{Letter, Section, Table};

const BODY: &str = "margin:0;padding:0;background:#f4f4f2;color:#1d1d1b;font-family:Arial,Helvetica,sans-serif;\
                    font-size:14px;line-height:1.45";
const SHEET: &str = "background:#ffffff;border:1px solid #d8d8d4;max-width:860px";
const TITLE: &str = "margin:0 0 12px 0;font-size:20px;line-height:1.25";
const HEADING: &str = "margin:26px 0 8px 0;font-size:16px;border-bottom:1px solid #d8d8d4;padding-bottom:4px";
const SAYS: &str = "margin:0 0 8px 0";
const MISSING: &str = "margin:0 0 8px 0;padding:8px 10px;background:#fff3d6;border-left:4px solid #b26a00";
const FOOT: &str = "margin:28px 0 0 0;color:#5c5c58;font-size:12px";
const TABLE: &str = "border-collapse:collapse;font-size:13px;margin:0 0 8px 0";
const HEAD: &str =
    "padding:4px 10px 4px 0;border-bottom:1px solid #8a8a85;font-weight:bold;vertical-align:bottom";
const CELL: &str = "padding:4px 10px 4px 0;border-bottom:1px solid #e6e6e2;vertical-align:top";

/// The whole document.
pub(super) fn html(letter: &Letter<'_>) -> String {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (letter.title) }
            }
            body style=(BODY) {
                table role="presentation" width="100%" cellpadding="0" cellspacing="0" {
                    tr {
                        td align="center" style="padding:16px" {
                            table role="presentation" cellpadding="0" cellspacing="0" style=(SHEET) {
                                tr {
                                    td style="padding:22px 26px" { (inside(letter)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    document.into_string()
}

fn inside(letter: &Letter<'_>) -> Markup {
    html! {
        h1 style=(TITLE) { (letter.title) }
        @for sentence in letter.lacking { p style=(MISSING) { (sentence) } }
        @for sentence in letter.lead { p style=(SAYS) { (sentence) } }
        @for one in letter.sections { (section(one)) }
        p style=(FOOT) { (letter.foot) }
    }
}

fn section(one: &Section) -> Markup {
    html! {
        h2 style=(HEADING) { (one.title) }
        @if let Some(found) = &one.table { (table(found)) }
        @for picture in &one.pictures {
            p style=(SAYS) {
                img src={ "cid:" (picture.name) } alt=(picture.says) width=(picture.width) height=(picture.height)
                    style="display:block;border:0;max-width:100%";
                span style="color:#5c5c58;font-size:12px" { (picture.says) }
            }
        }
        @for sentence in &one.says { p style=(SAYS) { (sentence) } }
    }
}

fn table(found: &Table) -> Markup {
    let is_number = found.numbers();
    let align = |at: usize| if is_number.get(at) == Some(&true) { "right" } else { "left" };
    html! {
        table cellpadding="0" cellspacing="0" style=(TABLE) {
            thead {
                tr {
                    @for (at, name) in found.head.iter().enumerate() {
                        th scope="col" align=(align(at)) style=(HEAD) { (name) }
                    }
                }
            }
            tbody {
                @for row in &found.rows {
                    tr {
                        @for (at, text) in row.iter().enumerate() { td align=(align(at)) style=(CELL) { (text) } }
                    }
                }
            }
        }
    }
}
