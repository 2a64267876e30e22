//! Markdown tables, and what stands in their cells.

use std::fmt::{self, Write as _};

/// Rows under headings; numbers stand at the right.
pub struct Table {
    text: String,
}

impl Table {
    /// A table without rows. A heading that begins with `<` has words below it.
    pub fn new(headings: &[&str]) -> Self {
        let mut text = String::new();
        let mut rule = String::from("|");
        for heading in headings {
            let words = heading.strip_prefix('<');
            let _ = write!(text, "| {} ", words.unwrap_or(heading));
            rule += if words.is_some() { "---|" } else { "--:|" };
        }
        text += "|\n";
        text += &rule;
        text.push('\n');
        Self { text }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[String]) {
        let _ = writeln!(self.text, "| {} |", cells.join(" | "));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The middle of some values, and how far they reach.
#[derive(Clone, Copy, Debug)]
pub struct Middle {
    /// The median.
    pub median: f64,
    least: f64,
    most: f64,
    count: usize,
}

impl Middle {
    /// Of what there is; `None` of nothing.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (least, most) = (*values.first()?, *values.last()?);
        let half = values.len() / 2;
        let pair = [values[(values.len() - 1) / 2], values[half]];
        Some(Self { median: pair.iter().sum::<f64>() / 2.0, least, most, count: values.len() })
    }
}

impl fmt::Display for Middle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(1);
        write!(f, "{:.digits$}", self.median)?;
        if self.count > 1 {
            write!(f, " ({:.digits$}–{:.digits$})", self.least, self.most)?;
        }
        Ok(())
    }
}

/// A median with so many digits, or a dash.
pub fn either(value: Option<Middle>, digits: usize) -> String {
    value.map_or_else(|| "–".into(), |value| format!("{:.digits$}", value.median))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_middle_tells_how_far_values_reach() {
        let three = Middle::of([3.0, 1.0, 2.0]).unwrap();
        assert_eq!(format!("{three:.1}"), "2.0 (1.0–3.0)");
        assert_eq!(format!("{:.0}", Middle::of([7.0]).unwrap()), "7");
        assert_eq!(format!("{}", Middle::of([1.0, 2.0]).unwrap()), "1.5 (1.0–2.0)");
        assert!(Middle::of([]).is_none());
    }

    #[test]
    fn words_stand_at_the_left() {
        let mut table = Table::new(&["<peer", "MB/s"]);
        table.row(&["tcp".into(), "7".into()]);
        assert_eq!(table.to_string(), "| peer | MB/s |\n|---|--:|\n| tcp | 7 |\n");
    }
}
