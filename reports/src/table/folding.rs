//! What is said of several deployments alike is said once.

use std::mem::discriminant;

use sim::results::{About, GoalCheck, Reason, Verdict};

use crate::phrases;

/// From so many deployments on, what is alike is said once.
const ALIKE: usize = 3;

/// One sentence about a deployment.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// What it says.
    pub(super) text: String,
    /// Lines of several deployments on the same say alike things, if not in the same words.
    pub(super) topic: Topic,
    /// Of these, so many are shown.
    pub(super) class: Class,
    /// Goals that it speaks of.
    pub(super) goals: usize,
}

/// Kinds of lines of which many are cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// On goals of this verdict.
    Goals(Verdict),
    /// Differences from the deployment that all are compared with.
    Real,
    /// What is never cut short.
    Other,
}

/// What a line speaks of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Topic {
    /// A deployment alone.
    Own,
    /// The same words of each.
    Words,
    /// A note.
    Note(About),
    /// Goals of flows with a reason.
    Goals {
        /// Which: goal, flow and situation.
        which: Vec<(String, String, String)>,
        /// Judged so.
        verdict: Verdict,
        /// For a reason of this kind.
        reason: std::mem::Discriminant<Reason>,
    },
}

impl Topic {
    pub(super) fn goals(checks: &[&GoalCheck]) -> Self {
        let which = |check: &&GoalCheck| {
            (phrases::goal(check.goal), check.flow.clone(), check.situation.clone())
        };
        Self::Goals {
            which: checks.iter().map(which).collect(),
            verdict: checks[0].verdict,
            reason: discriminant(&checks[0].reason),
        }
    }
}

/// Whom lines are about, and the lines.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The deployments, in their order.
    pub(super) deployments: Vec<String>,
    /// Whether the figures are those of the first of them, and others' differ.
    pub(super) is_example: bool,
    /// The lines, in the order of the first deployment.
    pub(super) lines: Vec<Line>,
}

/// The lines of each deployment, of which those that are alike for several are theirs together. The block of
/// several stands where the first of them stands.
pub(super) fn fold(all: &[Block]) -> Vec<Block> {
    let like = |line: &Line, other: &Line| match line.topic {
        Topic::Own => false,
        Topic::Words => other.topic == Topic::Words && other.text == line.text,
        _ => other.topic == line.topic,
    };
    let mut folded: Vec<Block> = Vec::new();
    for (index, block) in all.iter().enumerate() {
        let mut own = Block { lines: Vec::new(), ..block.clone() };
        let mut together: Vec<Block> = Vec::new();
        for line in &block.lines {
            let has = |other: &&Block| other.lines.iter().any(|theirs| like(line, theirs));
            let sharing: Vec<&Block> = all.iter().filter(has).collect();
            if sharing.len() < ALIKE {
                own.lines.push(line.clone());
                continue;
            }
            let is_first = !all[..index].iter().any(|before| has(&before));
            if is_first {
                let same = |other: &&Block| other.lines.iter().any(|of| of.text == line.text);
                let is_example = !sharing.iter().all(same);
                let names = sharing.iter().flat_map(|block| block.deployments.clone()).collect();
                share(&mut together, names, is_example, line);
            }
        }
        folded.extend(together);
        if !own.lines.is_empty() {
            folded.push(own);
        }
    }
    folded
}

/// Adds a line to the block of these deployments.
fn share(blocks: &mut Vec<Block>, deployments: Vec<String>, is_example: bool, line: &Line) {
    match blocks.iter_mut().find(|block| block.deployments == deployments) {
        Some(block) => {
            block.is_example |= is_example;
            block.lines.push(line.clone());
        }
        None => blocks.push(Block { deployments, is_example, lines: vec![line.clone()] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, topic: Topic) -> Line {
        Line { text: text.to_owned(), topic, class: Class::Other, goals: 0 }
    }

    fn block(name: &str, lines: Vec<Line>) -> Block {
        Block { deployments: vec![name.to_owned()], is_example: false, lines }
    }

    /// Names, whether it is an example, and the texts of each block.
    fn shown<'a>(blocks: &'a [Block]) -> Vec<(String, bool, Vec<&'a str>)> {
        let of = |block: &'a Block| {
            let texts = block.lines.iter().map(|line| line.text.as_str()).collect();
            (block.deployments.join(" "), block.is_example, texts)
        };
        blocks.iter().map(of).collect()
    }

    #[test]
    fn what_three_have_in_common_is_said_once_and_of_two_twice() {
        let note = |text: &str| line(text, Topic::Note(About::Unanswered));
        let same = || line("the same", Topic::Words);
        let own = |text: &str| line(text, Topic::Own);
        let all = [
            block("a", vec![own("overloaded"), note("8 %")]),
            block("b", vec![own("overloaded"), same(), note("7 %")]),
            block("c", vec![same(), note("6 %"), own("c alone")]),
            block("d", vec![line("not the same", Topic::Words)]),
        ];
        assert_eq!(
            shown(&fold(&all)),
            [
                ("a b c".to_owned(), true, vec!["8 %"]),
                ("a".to_owned(), false, vec!["overloaded"]),
                ("b".to_owned(), false, vec!["overloaded", "the same"]),
                ("c".to_owned(), false, vec!["the same", "c alone"]),
                ("d".to_owned(), false, vec!["not the same"]),
            ]
        );
    }

    #[test]
    fn in_the_same_words_nothing_is_an_example() {
        let all = ["a", "b", "c"].map(|name| block(name, vec![line("the same", Topic::Words)]));
        let folded = fold(&all);
        assert_eq!(shown(&folded), [("a b c".to_owned(), false, vec!["the same"])]);
    }
}
