//! Text of the charts, in a font that the program carries with it.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

static REGULAR: LazyLock<FontRef<'static>> = LazyLock::new(|| font(dejavu::sans::regular()));
static BOLD: LazyLock<FontRef<'static>> = LazyLock::new(|| font(dejavu::sans::bold()));

/// The baseline is so many ems below the middle of the small letters.
pub(super) const DROP: f64 = 0.36;

/// Regular or bold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// For reading.
    Regular,
    /// For finding.
    Bold,
}

/// How many pixels wide `text` is at `size` pixels per em.
pub(super) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    layout(text, size, weight).1
}

/// Calls `ink` with every pixel that `text` covers, and how much of it.
pub(super) fn draw(
    text: &str,
    at: (f64, f64),
    size: f64,
    weight: Weight,
    mut ink: impl FnMut(i32, i32, f32),
) {
    let font = of(weight);
    for mut glyph in layout(text, size, weight).0 {
        glyph.position.x += at.0 as f32;
        glyph.position.y += at.1 as f32;
        if let Some(outline) = font.outline_glyph(glyph) {
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, coverage| {
                let (x, y) = (x.cast_signed(), y.cast_signed());
                ink(corner.x as i32 + x, corner.y as i32 + y, coverage.min(1.0));
            });
        }
    }
}

/// `text` in at most `room` pixels, with `…` in its middle where something is left out: names often
/// differ at their ends.
pub(super) fn shortened(text: &str, room: f64, size: f64, weight: Weight) -> String {
    let characters: Vec<char> = text.chars().collect();
    let without = |left_out: usize| {
        let kept = characters.len().saturating_sub(left_out);
        let (head, tail) = (kept.div_ceil(2), kept / 2);
        let head: String = characters[..head].iter().collect();
        let tail: String = characters[characters.len() - tail..].iter().collect();
        format!("{}…{}", head.trim_end(), tail.trim_start())
    };
    match () {
        () if width(text, size, weight) <= room => text.to_owned(),
        () if width("…", size, weight) > room => String::new(),
        () => {
            // The more is left out the narrower it is.
            let counts: Vec<usize> = (1..=characters.len()).collect();
            let fits = |count: &usize| width(&without(*count), size, weight) <= room;
            without(counts.partition_point(|count| !fits(count)) + 1)
        }
    }
}

/// The names in at most `room` pixels each; names that differ look different.
pub(super) fn distinct(names: &[&str], room: f64, size: f64, weight: Weight) -> Vec<String> {
    let mut short: Vec<String> =
        names.iter().map(|name| shortened(name, room, size, weight)).collect();
    for index in 0..names.len() {
        let alike = |other: &usize| short[*other] == short[index];
        let group: Vec<usize> = (0..names.len()).filter(alike).collect();
        if group.iter().all(|other| names[*other] == names[index]) {
            continue;
        }
        let different: Vec<&str> = group.iter().map(|each| names[*each]).collect();
        for each in group {
            short[each] = from_difference(names[each], &different, room, size, weight);
        }
    }
    for index in 0..names.len() {
        let is_taken = |other: usize| short[other] == short[index] && names[other] != names[index];
        if (0..names.len()).any(is_taken) {
            let number = format!(" #{}", index + 1);
            let room = room - width(&number, size, weight);
            short[index] = shortened(names[index], room, size, weight) + &number;
        }
    }
    short
}

/// The first letters of a name, and what follows from where it begins to differ from the others.
fn from_difference(name: &str, others: &[&str], room: f64, size: f64, weight: Weight) -> String {
    const HEAD: usize = 5;
    const BEFORE: usize = 3;
    let characters: Vec<char> = name.chars().collect();
    let common = |other: &&str| {
        let pairs = characters.iter().zip(other.chars());
        pairs.take_while(|(ours, theirs)| **ours == *theirs).count()
    };
    // Of the others, since a name has all letters in common with itself.
    let others = others.iter().filter(|other| **other != name);
    let begin = others.map(common).min().unwrap_or(0).saturating_sub(BEFORE);
    if begin <= HEAD {
        return shortened(name, room, size, weight);
    }
    let head: String = characters[..HEAD].iter().collect();
    let rest: Vec<char> = characters[begin..].to_vec();
    let kept = |count: usize| {
        let end = if count < rest.len() { "…" } else { "" };
        format!("{head}…{}{end}", rest[..count].iter().collect::<String>())
    };
    let counts: Vec<usize> = (0..=rest.len()).collect();
    let fits = counts.partition_point(|count| width(&kept(*count), size, weight) <= room);
    if fits == 0 { shortened(name, room, size, weight) } else { kept(fits - 1) }
}

/// Breaks `text` at spaces and hyphens into at most `most` lines of `room` pixels.
pub(super) fn wrapped(
    text: &str,
    room: f64,
    most: usize,
    size: f64,
    weight: Weight,
) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in text.split_inclusive([' ', '-', '@', '/']) {
        let line = lines.last().map_or("", String::as_str);
        let fits = width((line.to_owned() + piece).trim_end(), size, weight) <= room;
        match lines.last_mut() {
            Some(line) if fits || line.is_empty() || most == 1 => line.push_str(piece),
            _ => lines.push(piece.to_owned()),
        }
    }
    if lines.len() > most {
        let rest = lines.split_off(most - 1).concat();
        lines.push(rest);
    }
    lines.iter().map(|line| shortened(line.trim_end(), room, size, weight)).collect()
}

fn layout(text: &str, size: f64, weight: Weight) -> (Vec<Glyph>, f64) {
    let font = of(weight);
    let units = font.units_per_em().unwrap_or(2048.0);
    // `PxScale` counts the height of the font, not the em.
    let scale = PxScale::from(size as f32 * font.height_unscaled() / units);
    let scaled = font.as_scaled(scale);
    let mut glyphs = Vec::new();
    let mut x = 0.0;
    let mut previous = None;
    for character in text.chars().map(|c| if c.is_control() { ' ' } else { c }) {
        let id = scaled.glyph_id(character);
        x += previous.map_or(0.0, |previous| scaled.kern(previous, id));
        glyphs.push(id.with_scale_and_position(scale, point(x, 0.0)));
        x += scaled.h_advance(id);
        previous = Some(id);
    }
    (glyphs, f64::from(x))
}

fn of(weight: Weight) -> &'static FontRef<'static> {
    match weight {
        Weight::Regular => &REGULAR,
        Weight::Bold => &BOLD,
    }
}

fn font(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the embedded font is a font")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_and_shortened_to_the_room_that_it_has() {
        let name = "order-history-of-the-shop-in-Paris";
        for room in [20.0, 60.0, 120.0, 500.0] {
            let lines = wrapped(name, room, 2, 14.0, Weight::Regular);
            assert!(lines.len() <= 2);
            assert!(lines.iter().all(|line| width(line, 14.0, Weight::Regular) <= room));
        }
        assert_eq!(wrapped(name, 500.0, 2, 14.0, Weight::Regular), [name]);
    }

    #[test]
    fn names_that_differ_look_different_however_short_the_room_is() {
        let names = [
            "orders-of-the-shop-in-Paris-1",
            "orders-of-the-shop-in-Paris-2",
            "a-very-long-name-that-differs-in-1-its-middle-and-nowhere-else",
            "a-very-long-name-that-differs-in-2-its-middle-and-nowhere-else",
            "ha",
        ];
        for room in [60.0, 120.0, 500.0] {
            let short = distinct(&names, room, 14.0, Weight::Regular);
            assert!(short.iter().all(|name| width(name, 14.0, Weight::Regular) <= room));
            let different: std::collections::BTreeSet<_> = short.iter().collect();
            assert_eq!(different.len(), names.len(), "{short:?}");
        }
        let paris = distinct(&names[..2], 120.0, 14.0, Weight::Regular);
        assert!(paris[0].starts_with("orders") && paris[0].ends_with("s-1"), "{paris:?}");
        let middle = distinct(&names[2..4], 160.0, 14.0, Weight::Regular);
        assert!(middle[0].starts_with("a-ver…in-1-its"), "{middle:?}");
        assert!(middle[1].starts_with("a-ver…in-2-its"), "{middle:?}");
    }

    #[test]
    fn an_em_is_as_large_as_asked() {
        // The digits of the font are 0.636 em wide.
        assert!((width("0000000000", 100.0, Weight::Regular) - 636.0).abs() < 1.0);
    }
}
