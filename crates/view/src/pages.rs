//! The pages: for each a plain struct of what it shows and a function that turns it into markup.

pub mod accounts;
pub mod agent;
pub mod calibration;
pub mod calls;
pub mod cases;
pub mod catalogue;
pub mod coaching;
pub mod data;
pub mod dispositions;
pub mod dispute_form;
pub mod disputes;
pub mod evaluate;
pub mod evaluation;
pub mod evaluations;
pub mod incentive;
pub mod kpi_form;
pub mod kpis;
pub mod login;
pub mod metric;
pub mod overview;
pub mod problem;
pub mod recovery;
pub mod scorecard;
pub mod statement;
pub mod statements;
pub mod trail;
