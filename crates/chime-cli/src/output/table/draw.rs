//! Draws the sections of a table.

use unicode_width::UnicodeWidthChar;

use crate::terminal::escaped;

/// The space around the text of a cell, with its border.
const PADDING: usize = 4;

const ROW: &str = "\u{1b}[1m\u{1b}[34m";
const EDGE: &str = "\u{1b}[2m\u{1b}[33m";
const RESET: &str = "\u{1b}[0m";

#[derive(Default)]
pub(super) struct Table {
    pub(super) sections: Vec<Section>,
}

pub(super) struct Section {
    title: String,
    /// How many sections are around this one. Each of them draws an edge.
    depth: usize,
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Section {
    pub(super) fn new(title: &str, depth: usize) -> Self {
        Self { title: escaped(title).into_owned(), depth, headers: Vec::new(), rows: Vec::new() }
    }

    /// The width of the widest text of each column.
    fn columns(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for row in [&self.headers].into_iter().chain(&self.rows) {
            widths.resize(row.len().max(widths.len()), 0);
            widths.iter_mut().zip(row).for_each(|(max, text)| *max = width(text).max(*max));
        }
        widths
    }

    fn width(&self) -> usize {
        let edges = 2 + 2 * self.depth;
        let cells: usize = self.columns().iter().map(|width| width + PADDING).sum();
        edges + cells.max(width(&self.title))
    }

    /// The widths of the columns in a table of this width.
    fn scaled_columns(&self, width: usize) -> Vec<usize> {
        let padded: Vec<usize> = self.columns().iter().map(|width| width + PADDING).collect();
        let total: usize = padded.iter().sum();
        let factor = width as f64 / total as f64;
        let scale = |column: &usize| (factor * *column as f64).round_ties_even() as usize;
        let mut scaled: Vec<usize> = padded.iter().map(scale).collect();
        // Rounding leaves too few or too many. The first columns give, the last ones take.
        loop {
            let sum: usize = scaled.iter().sum();
            if scaled.is_empty() || sum == width {
                return scaled;
            }
            let off = sum.abs_diff(width);
            match sum > width {
                true => scaled.iter_mut().take(off).for_each(|w| *w = w.saturating_sub(1)),
                false => scaled.iter_mut().rev().take(off).for_each(|w| *w += 1),
            }
        }
    }

    /// Turns a single row into one row for each of its columns.
    fn turn(&mut self) {
        if let ([row], false) = (self.rows.as_slice(), self.headers.is_empty()) {
            let headers = std::mem::take(&mut self.headers);
            self.rows = headers.into_iter().zip(row).map(|(h, v)| vec![h, v.clone()]).collect();
        }
    }
}

impl Table {
    pub(super) fn header(&mut self, names: impl IntoIterator<Item = String>) {
        if let Some(section) = self.sections.last_mut() {
            section.headers = names.into_iter().map(|name| escaped(&name).into_owned()).collect();
        }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        if let Some(section) = self.sections.last_mut() {
            section.rows.push(cells.into_iter().map(|cell| escaped(&cell).into_owned()).collect());
        }
    }

    fn width(&self) -> usize {
        self.sections.iter().map(Section::width).max().unwrap_or_default()
    }

    pub(super) fn draw(mut self, terminal: usize, is_colored: bool) -> String {
        if self.width() > terminal {
            self.sections.iter_mut().for_each(Section::turn);
        }
        let width = self.width();
        let mut lines = Lines { text: "-".repeat(width) + "\n", depth: 0, is_colored };
        for section in &self.sections {
            lines.depth = section.depth;
            lines.section(section, width - 2 * section.depth);
        }
        lines.text
    }
}

struct Lines {
    text: String,
    depth: usize,
    is_colored: bool,
}

impl Lines {
    /// Adds a line between the edges of the sections around it.
    fn push(&mut self, line: &str) {
        let edge = if self.is_colored { format!("{EDGE}|{RESET}") } else { "|".to_owned() };
        let edges = edge.repeat(self.depth);
        self.text.push_str(&format!("{edges}{line}{edges}\n"));
    }

    fn section(&mut self, section: &Section, width: usize) {
        if !section.title.is_empty() {
            self.push(&centered(&section.title, width, "|"));
            if section.headers.is_empty() && section.rows.is_empty() {
                self.push(&format!("+{}+", "-".repeat(width.saturating_sub(2))));
            }
        }
        let columns = section.scaled_columns(width);
        let left = |i: usize| if i == 0 { "|" } else { "" };
        let rule: String = columns
            .iter()
            .enumerate()
            .map(|(i, width)| match i {
                0 => format!("+{}+", "-".repeat(width.saturating_sub(2))),
                _ => format!("{}+", "-".repeat(width.saturating_sub(1))),
            })
            .collect();
        // A row may be shorter than others.
        let text = |row: &[String], i: usize| row.get(i).cloned().unwrap_or_default();
        let cells = || columns.iter().enumerate();
        if !section.headers.is_empty() {
            self.push(&rule);
            let cell = |(i, w): (usize, &usize)| centered(&text(&section.headers, i), *w, left(i));
            self.push(&cells().map(cell).collect::<String>());
        }
        if !section.rows.is_empty() && !columns.is_empty() {
            self.push(&rule);
            for row in &section.rows {
                let line: String =
                    cells().map(|(i, w)| self.cell(&text(row, i), *w, left(i))).collect();
                self.push(&line);
            }
            self.push(&rule);
        }
    }

    fn cell(&self, text: &str, length: usize, left: &str) -> String {
        let taken = width(text) + left.len() + 1;
        let padding = if taken + 2 <= length { 2 } else { 0 };
        let behind = " ".repeat(length.saturating_sub(taken + padding));
        let (on, off) = if self.is_colored { (ROW, RESET) } else { ("", "") };
        format!("{left}{}{on}{text}{off}{behind}|", " ".repeat(padding))
    }
}

fn centered(text: &str, length: usize, left: &str) -> String {
    let before = (length / 2).saturating_sub(width(text) / 2 + 1);
    let behind = length.saturating_sub(1 + left.len() + before + width(text));
    format!("{left}{}{text}{}|", " ".repeat(before), " ".repeat(behind))
}

/// The width of a text in a terminal. A character without a width counts as one column. The AWS CLI
/// takes characters of ambiguous width, such as `é`, for wide ones, and its lines come out uneven.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(1).max(1)).sum()
}
