//! What an evaluator gave: from options, or from a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dialmark_govern::quality::{Answer, Given};
use dialmark_model::declared::{Document, Problems, Section, Value};
use serde::Deserialize;

use crate::failure::Failure;

/// Words that leave a criterion out.
const LEFT_OUT: [&str; 2] = ["-", "left out"];
const LARGEST_FILE: u64 = 1 << 20;

/// Options with the answers to a form.
#[derive(Debug, clap::Args)]
pub struct AnswerArgs {
    /// Points of a criterion; `-` where it does not apply
    #[arg(long = "answer", value_name = "CRITERION=POINTS", conflicts_with = "answers")]
    answer: Vec<String>,
    /// A remark on a criterion
    #[arg(long = "comment", value_name = "CRITERION=TEXT", conflicts_with = "answers")]
    comment: Vec<String>,
    /// A remark on the whole
    #[arg(long, value_name = "TEXT", conflicts_with = "answers")]
    remark: Option<String>,
    /// All of it from a file, TOML or JSON, with `answers`, `comments` and `remark`
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
}

impl AnswerArgs {
    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.answers.is_none() && self.answer.is_empty() && self.comment.is_empty() && self.remark.is_none()
    }

    /// What was given.
    pub fn read(&self) -> Result<Given, Failure> {
        if let Some(path) = &self.answers {
            return of_file(path);
        }
        let mut given = Given { remark: self.remark.clone().unwrap_or_default(), ..Given::default() };
        for text in &self.answer {
            let (name, points) = pair("--answer", text)?;
            let answer = answer(points).ok_or_else(|| {
                Failure::usage(format!(
                    "`--answer {text}`: `{points}` is neither a whole number of points nor `-`."
                ))
            })?;
            once("--answer", name, given.answers.insert(name.to_owned(), answer).is_some())?;
        }
        for text in &self.comment {
            let (name, comment) = pair("--comment", text)?;
            let before = given.comments.insert(name.to_owned(), comment.to_owned());
            once("--comment", name, before.is_some())?;
        }
        Ok(given)
    }
}

fn pair<'t>(option: &str, text: &'t str) -> Result<(&'t str, &'t str), Failure> {
    let found = text.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
    found.filter(|(name, value)| !name.is_empty() && !value.is_empty()).ok_or_else(|| {
        Failure::usage(format!(
            "`{option} {text}` should read `{option} CRITERION=...`, such as `greeting=1`."
        ))
    })
}

fn once(option: &str, name: &str, is_second: bool) -> Result<(), Failure> {
    match is_second {
        true => Err(Failure::usage(format!("`{option}` names `{name}` twice."))),
        false => Ok(()),
    }
}

fn answer(text: &str) -> Option<Answer> {
    match LEFT_OUT.contains(&text) {
        true => Some(Answer::LeftOut),
        false => text.parse().ok().map(Answer::Points),
    }
}

fn of_file(path: &Path) -> Result<Given, Failure> {
    let shown = path.display();
    let unreadable = |why: String| Failure::problem(format!("{shown}: the answers cannot be read: {why}."));
    let about = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if about.len() > LARGEST_FILE {
        return Err(unreadable("the file is larger than 1 MiB".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    match text.trim_start().starts_with('{') {
        true => of_json(&text).map_err(unreadable),
        false => of_toml(&shown.to_string(), &text),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    answers: BTreeMap<String, Points>,
    #[serde(default)]
    comments: BTreeMap<String, String>,
    #[serde(default)]
    remark: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Points {
    Number(u32),
    Word(String),
}

fn of_json(text: &str) -> Result<Given, String> {
    let Written { answers, comments, remark } =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let answers = answers.into_iter().map(|(name, points)| match points {
        Points::Number(points) => Ok((name, Answer::Points(points))),
        Points::Word(word) => answer(&word).map(|answer| (name.clone(), answer)).ok_or_else(|| {
            format!("`{word}` of `{name}` is neither a whole number of points nor `left out`")
        }),
    });
    Ok(Given { answers: answers.collect::<Result<_, _>>()?, comments, remark })
}

fn of_toml(file: &str, text: &str) -> Result<Given, Failure> {
    let problems = Problems::new();
    let mut given = Given::default();
    if let Some(document) = Document::parse(file, text, &problems) {
        let root = document.root(&problems);
        given.remark = root.text("remark").unwrap_or_default();
        match root.section("answers") {
            Some(answers) => given.answers = points(&answers),
            None if root.has("answers") => {}
            None => root.error("answers", "nothing is answered.", Some("Write `[answers]`.".to_owned())),
        }
        if let Some(comments) = root.section("comments") {
            comments.has_free_keys();
            let all = comments.keys().filter_map(|name| Some((name.to_owned(), comments.text(name)?)));
            given.comments = all.collect();
        }
        root.finish();
    }
    match problems.has_errors() {
        true => Err(dialmark_project::Invalid { problems: problems.into_vec() }.into()),
        false => Ok(given),
    }
}

fn points(section: &Section<'_>) -> BTreeMap<String, Answer> {
    section.has_free_keys();
    let mut all = BTreeMap::new();
    for name in section.keys() {
        let given = match section.node(name).map(|node| &node.value) {
            Some(Value::Integer(points)) => u32::try_from(*points).ok().map(Answer::Points),
            Some(Value::Text(word)) => answer(word),
            _ => None,
        };
        match given {
            Some(given) => {
                all.insert(name.to_owned(), given);
            }
            None => section.error(
                name,
                "this is neither a whole number of points nor `left out`.",
                Some("Write such as `greeting = 1` or `objection = \"left out\"`.".to_owned()),
            ),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_answers_are_read_from_options_toml_and_json() {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
        let options = AnswerArgs {
            answer: texts(&["greeting=1", "objection=-"]),
            comment: texts(&["greeting=Warm = good."]),
            remark: Some("Fine.".to_owned()),
            answers: None,
        };
        let toml = "remark = \"Fine.\"\n[answers]\ngreeting = 1\nobjection = \"left out\"\n[comments]\ngreeting = \"Warm = good.\"\n";
        let json = "{\"answers\": {\"greeting\": 1, \"objection\": \"left out\"}, \
                    \"comments\": {\"greeting\": \"Warm = good.\"}, \"remark\": \"Fine.\"}";
        let given = options.read().unwrap();
        assert_eq!(given.answers.get("objection"), Some(&Answer::LeftOut));
        assert_eq!(of_toml("a.toml", toml).unwrap(), given);
        assert_eq!(of_json(json).unwrap(), given);
    }

    #[test]
    fn what_is_no_answer_is_refused_in_a_sentence() {
        let said = |text: &str| of_toml("a.toml", text).unwrap_err().text().unwrap();
        assert!(said("[answers]\nx = 1.5\n").contains("a.toml:2"), "{}", said("[answers]\nx = 1.5\n"));
        assert!(said("remark = \"a\"\n").contains("nothing is answered"));
        assert!(of_json("{\"answers\": {\"x\": \"one\"}}").unwrap_err().contains("`one` of `x`"));
        assert!(of_json("{\"answers\": {}, \"score\": 1}").unwrap_err().contains("score"));
    }
}
