//! The page that people pass on: one HTML file with everything that was found in it, charts included, and with what
//! it was made from. It asks no server for anything.
//!
//! Names come from users. [`maud`] escapes all that is put into the page, and a Content-Security-Policy lets run and
//! apply nothing but the script and the style that are ours, known by their hashes.

mod charts;
mod limits;
mod policy;
mod prose;
mod rows;

use std::io::Write;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::table::{self, Section};
use crate::{Context, ReportError, conclusion, phrases};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// What the results were made from.
#[derive(Clone, Debug)]
pub struct Origin<'a> {
    /// Name of the scenario file.
    pub file: &'a str,
    /// What it says.
    pub text: &'a str,
    /// What was replaced in it: paths with their values.
    pub overrides: Vec<(String, String)>,
    /// Names of the files that it reads.
    pub files: Vec<&'a str>,
}

/// Writes the page.
///
/// # Errors
///
/// If `out` does not take what is written, or a chart cannot be drawn.
pub fn page(
    context: &Context<'_>,
    origin: &Origin<'_>,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let charts = charts::all(context)?;
    let title = prose::line(table::title(context));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy::of(STYLE, SCRIPT));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="generator" content={ "apimsim " (context.version) };
                // Without one of its own, a browser asks the server of the page for an icon.
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(context, &title))
                main { (body(context, origin, &charts)) }
                footer { p { "Simulated by apimsim " (context.version) "." } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    Ok(out.write_all(page.into_string().as_bytes())?)
}

fn header(context: &Context<'_>, title: &str) -> Markup {
    let results = context.results;
    let question = prose::line(&results.scenario.question);
    html! {
        header {
            h1 { (title) }
            @if !question.trim().is_empty() { p.question { (question) } }
            p.answer { (prose::words(&conclusion::sentence(results))) }
            p.run { (phrases::run(results).join("; ")) }
            @if let Some(partial) = phrases::partial(results) { p.partial { (partial) } }
        }
    }
}

fn body(context: &Context<'_>, origin: &Origin<'_>, charts: &[charts::Chart]) -> Markup {
    let results = context.results;
    let (findings, explanation) = (table::findings(results), table::explanation(results));
    html! {
        section {
            h2 { "Deployments" }
            p.hint hidden { "Press the heading of a column to sort by it." }
            (rows::table("Verdict, load and price", "deployment", &table::deployments(results)))
        }
        @if !findings.is_empty() {
            section { h2 { "Findings" } @for one in &findings { (told(one, "deployment")) } }
        }
        section {
            h2 { "Charts" }
            @for chart in charts { (chart.figure()) }
        }
        section {
            h2 { "Flows" }
            @for flow in &table::flows(results) { (told(flow, "deployment")) }
            @for legend in &table::legends(results) { p.legend { (prose::words(legend)) } }
        }
        @if let Some(isolation) = table::isolation(results) {
            section { h2 { "Isolation" } (told(&isolation, "flow")) }
        }
        @if !explanation.is_empty() {
            section { h2 { "Where the time goes" } @for one in &explanation { (told(one, "")) } }
        }
        (limits::section())
        (made_from(context, origin))
    }
}

/// A part of what is said. Rows begin with the name of a thing of this kind.
fn told(section: &Section, kind: &str) -> Markup {
    html! {
        @match &section.grid {
            Some(grid) => (rows::table(&section.heading, kind, grid)),
            None => h3 { (prose::words(&section.heading)) },
        }
        @for note in &section.notes { p.note { (prose::words(note)) } }
        @if !section.lines.is_empty() {
            ul { @for line in &section.lines { li { (prose::words(line)) } } }
        }
    }
}

/// The scenario and what was replaced in it, so that the run can be made again.
fn made_from(context: &Context<'_>, origin: &Origin<'_>) -> Markup {
    html! {
        section {
            h2 { "Scenario" }
            dl {
                dt { "File" } dd { code { (origin.file) } }
                @if !origin.files.is_empty() {
                    dt { "Reads also" }
                    dd { @for file in &origin.files { code { (file) } " " } }
                }
                dt { "Replaced in it" }
                @if origin.overrides.is_empty() { dd { "nothing" } }
                @for (path, value) in &origin.overrides { dd { code { (path) " = " (value) } } }
                dt { "Seed" } dd { (context.results.scenario.run.seed) }
                dt { "Version" } dd { "apimsim " (context.version) }
            }
            // Scrolls, and so has to be reached from the keyboard.
            pre tabindex="0" role="region" aria-label="The text of the scenario file" {
                code { (origin.text) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fabricated;
    use sim::results::Results;

    fn origin(text: &str) -> Origin<'_> {
        let overrides = vec![("run.seed".to_owned(), "7".to_owned())];
        Origin { file: "retail.toml", text, overrides, files: vec!["day.csv"] }
    }

    fn written(results: &Results, origin: &Origin<'_>) -> String {
        let mut bytes = Vec::new();
        page(&fabricated::context(results), origin, &mut bytes).expect("memory takes everything");
        String::from_utf8(bytes).expect("HTML is text")
    }

    #[test]
    fn a_page_is_written_twice_with_the_same_bytes_whatever_the_results() {
        for (name, results) in fabricated::every() {
            let write = || written(&results, &origin("title = 1"));
            assert!(write() == write(), "{name}");
        }
    }

    #[test]
    fn a_page_has_every_chart_table_finding_and_what_it_was_made_from() {
        let results =
            Results { explanation: fabricated::explained().explanation, ..fabricated::foreseen() };
        let page = written(&results, &origin("title = \"Retail\" # & more"));
        let context = fabricated::context(&results);
        assert_eq!(page.matches("<img ").count(), fabricated::written(&results, ".png").len());
        assert_eq!(page.matches("<table ").count(), 1 + results.deployments[0].flows.len());
        let said = table::table(&context, 10_000);
        let sentence = said.lines().rfind(|line| line.contains("orders")).expect("some");
        assert!(page.contains(&prose::words(sentence.trim()).into_string()), "{sentence}");
        for part in [
            "title = &quot;Retail&quot; # &amp; more",
            "run.seed = 7",
            "day.csv",
            "where the time goes: flow ",
            "apimsim 0.1.0",
        ] {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn whatever_users_write_is_text() {
        let hostile = "</title></pre><script>alert(1)</script><img src=x onerror='f()' a=\"b\">";
        let mut results =
            Results { isolation: fabricated::isolated().isolation, ..fabricated::drill() };
        (results.scenario.title, results.scenario.question) =
            (hostile.to_owned(), hostile.to_owned());
        for deployment in &mut results.deployments {
            deployment.name = format!("d{hostile}");
            deployment.clusters.iter_mut().for_each(|cluster| cluster.name = hostile.to_owned());
            deployment.flows.iter_mut().for_each(|flow| flow.name = format!("f{hostile}"));
            for flow in &mut deployment.flows {
                flow.tenant = hostile.to_owned();
            }
            deployment.notes.iter_mut().for_each(|note| note.text = hostile.to_owned());
        }
        let pair = (hostile.to_owned(), hostile.to_owned());
        let origin =
            Origin { file: hostile, text: hostile, overrides: vec![pair], files: vec![hostile] };
        let page = written(&results, &origin);
        // Ours, and nothing that a name has brought.
        assert_eq!(page.matches("<script>").count(), 1);
        assert_eq!(page.matches("</script>").count(), 1);
        assert_eq!(page.matches("</title>").count(), 1);
        assert_eq!(
            page.matches("<img ").count(),
            page.matches("src=\"data:image/png;base64,").count()
        );
        assert!(page.matches("&lt;script&gt;alert(1)").count() > 10);
        for attribute in page.split("alt=\"").skip(1) {
            let value = attribute.split('"').next().expect("it ends");
            assert!(value.ends_with('.') && !value.contains('<'), "{value}");
        }
    }

    #[test]
    fn what_the_policy_allows_is_what_is_on_the_page() {
        let page = written(&fabricated::launch(), &origin(""));
        let between = |from, to| page.split_once(from).and_then(|(_, rest)| rest.split_once(to));
        let (style, _) = between("<style>", "</style>").expect("a style");
        let (script, _) = between("<script>", "</script>").expect("a script");
        assert!(
            page.contains(&policy::of(style, script)),
            "what is inline has the hashes of the policy"
        );
    }
}
