//! The numbers and words of a JSON document with the keys that lead to them: read as it comes, without keeping
//! the rest.

use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Deserializer;

use crate::error::{Problem, Trouble, shown};

/// A summary has no more numbers.
const MOST: usize = 20_000;

/// Nor more bytes.
const MOST_BYTES: u64 = 1 << 30;

/// A longer word is cut.
const LONGEST_WORD: usize = 300;

/// What stands at the end of a path.
#[derive(Clone, Debug, PartialEq)]
enum Leaf {
    Number(f64),
    Word(String),
}

/// What a document says.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    leaves: Vec<(Vec<String>, Leaf)>,
}

impl Figures {
    /// Reads a document but for what lies below keys that `skips` names.
    ///
    /// # Errors
    ///
    /// If it is no JSON, with the line; or holds more than any summary.
    pub(crate) fn read(input: impl Read, skips: fn(&str) -> bool) -> Result<Self, Trouble> {
        let mut figures = Self::default();
        let input = BufReader::new(input.take(MOST_BYTES));
        let mut document = Deserializer::from_reader(input);
        let seed = Seed { figures: &mut figures, path: &mut Vec::new(), skips };
        seed.deserialize(&mut document).and_then(|()| document.end()).map_err(|error| {
            let line = error.line().max(1) as u64;
            if error.is_io() {
                return Trouble::from(std::io::Error::from(error));
            }
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default();
            Problem::Row(format!("no JSON of a summary: {}", shown(reason))).at(line)
        })?;
        Ok(figures)
    }

    /// The number at the end of a path.
    pub(crate) fn number(&self, path: &[&str]) -> Option<f64> {
        self.leaves.iter().find_map(|(keys, leaf)| match leaf {
            Leaf::Number(number) if keys == path => Some(*number),
            _ => None,
        })
    }

    /// The word at the end of a path.
    pub(crate) fn word(&self, path: &[&str]) -> Option<&str> {
        self.leaves.iter().find_map(|(keys, leaf)| match leaf {
            Leaf::Word(word) if keys == path => Some(word.as_str()),
            _ => None,
        })
    }

    /// The numbers directly below a path, each with its key.
    pub(crate) fn below(&self, path: &[&str]) -> impl Iterator<Item = (&str, f64)> {
        self.leaves.iter().filter_map(move |(keys, leaf)| match (keys.split_last(), leaf) {
            (Some((last, before)), Leaf::Number(number)) if before == path => {
                Some((last.as_str(), *number))
            }
            _ => None,
        })
    }

    /// The first keys, each once, in the order of the document.
    pub(crate) fn first_keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = Vec::new();
        for (path, _) in &self.leaves {
            let key = path.first().map(String::as_str).unwrap_or_default();
            if keys.last() != Some(&key) {
                keys.push(key);
            }
        }
        keys
    }
}

/// Takes what comes to the end of a path.
struct Seed<'a> {
    figures: &'a mut Figures,
    path: &'a mut Vec<String>,
    skips: fn(&str) -> bool,
}

impl Seed<'_> {
    fn leaf<E: serde::de::Error>(self, leaf: Leaf) -> Result<(), E> {
        if self.figures.leaves.len() == MOST {
            return Err(E::custom("more numbers than any summary has"));
        }
        self.figures.leaves.push((self.path.clone(), leaf));
        Ok(())
    }

    fn below(&mut self, key: String) -> Seed<'_> {
        self.path.push(key);
        Seed { figures: self.figures, path: self.path, skips: self.skips }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a summary")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.leaf(Leaf::Number(number as f64))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.leaf(Leaf::Number(number as f64))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        self.leaf(Leaf::Number(number))
    }

    fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<(), E> {
        self.leaf(Leaf::Word(word.chars().take(LONGEST_WORD).collect()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut place = 0_u32;
        while items.next_element_seed(self.below(place.to_string()))?.is_some() {
            self.path.pop();
            place += 1;
        }
        self.path.pop();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        while let Some(key) = entries.next_key::<String>()? {
            if (self.skips)(&key) {
                entries.next_value::<IgnoredAny>()?;
                continue;
            }
            let key = key.chars().take(LONGEST_WORD).collect();
            entries.next_value_seed(self.below(key))?;
            self.path.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(text: &str) -> Result<Figures, String> {
        Figures::read(text.as_bytes(), |key| key == "rest")
            .map_err(|t| format!("{} {}", t.line.unwrap_or(0), t.problem))
    }

    #[test]
    fn numbers_are_found_by_the_keys_that_lead_to_them() {
        let text =
            r#"{"a": {"b": 1.5, "c": [2, {"d": -3}]}, "rest": {"x": 1}, "e": "word", "f": null}"#;
        let found = figures(text).expect("a document");
        assert_eq!(found.number(&["a", "b"]), Some(1.5));
        assert_eq!(found.number(&["a", "c", "0"]), Some(2.0));
        assert_eq!(found.number(&["a", "c", "1", "d"]), Some(-3.0));
        assert_eq!((found.number(&["rest", "x"]), found.word(&["e"])), (None, Some("word")));
        assert_eq!(found.below(&["a"]).collect::<Vec<_>>(), [("b", 1.5)]);
        assert_eq!(found.first_keys(), ["a", "e"]);
    }

    #[test]
    fn what_is_no_document_is_told_with_its_line() {
        assert!(
            figures("{\n\"a\": }").is_err_and(|said| said.starts_with("2 no JSON of a summary"))
        );
        assert!(figures("{} {}").is_err());
        assert!(figures(&"[".repeat(100_000)).is_err());
        let many = format!("[{}1]", "1,".repeat(30_000));
        assert!(figures(&many).is_err_and(|said| said.contains("more numbers than any")));
    }
}
