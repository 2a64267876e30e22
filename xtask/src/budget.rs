//! What may be taken at most: `footprint/budgets.txt`.
//!
//! One line each: where, what, flash, RAM. What has no line is a failure, too.

use std::fs;

use crate::shell::{Failure, Outcome, root};

const PATH: &str = "footprint/budgets.txt";

/// The budgets.
pub(crate) struct Budgets(Vec<Budget>);

struct Budget {
    place: String,
    machine: String,
    flash: u64,
    ram: u64,
}

impl Budgets {
    /// Reads the file.
    pub(crate) fn read() -> Result<Self, Failure> {
        let text = fs::read_to_string(root().join(PATH))?;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let budgets = lines.map(|line| {
            parse(line).ok_or_else(|| Failure(format!("{PATH}: cannot read this line: {line}")))
        });
        budgets.collect::<Result<_, _>>().map(Self)
    }

    /// What a machine takes beyond its budget, in words.
    pub(crate) fn judge(&self, place: &str, machine: &str, flash: u64, ram: u64) -> Vec<String> {
        let is_it = |budget: &&Budget| budget.place == place && budget.machine == machine;
        let Some(budget) = self.0.iter().find(is_it) else {
            return vec![format!("{machine} has no budget on {place}, see {PATH}")];
        };
        let kinds = [("flash", flash, budget.flash), ("RAM", ram, budget.ram)];
        let over = kinds.into_iter().filter(|(_, taken, most)| taken > most);
        over.map(|(kind, taken, most)| {
            format!("{machine} takes {taken} bytes of {kind} on {place}, not {most}")
        })
        .collect()
    }
}

/// Fails with everything that is beyond its budget.
pub(crate) fn accept(exceeded: &[String]) -> Outcome {
    if exceeded.is_empty() { Ok(()) } else { Err(Failure(exceeded.join("; "))) }
}

fn parse(line: &str) -> Option<Budget> {
    let mut words = line.split_whitespace();
    let (place, machine) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (flash, ram) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    words.next().is_none().then_some(Budget { place, machine, flash, ram })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_beyond_its_budget_is_named_with_both_numbers() {
        let budgets = Budgets(vec![parse("small link 100 20").unwrap()]);
        let judge = |flash, ram| budgets.judge("small", "link", flash, ram);

        assert_eq!(judge(100, 20), Vec::<String>::new());
        assert_eq!(judge(101, 20), ["link takes 101 bytes of flash on small, not 100"]);
        assert_eq!(judge(101, 21).len(), 2);
    }

    #[test]
    fn a_machine_without_a_budget_is_named() {
        let budgets = Budgets(vec![parse("small link 100 20").unwrap()]);

        let exceeded = budgets.judge("small", "chat", 1, 1);

        assert_eq!(exceeded, ["chat has no budget on small, see footprint/budgets.txt"]);
        assert!(accept(&exceeded).is_err());
    }

    #[test]
    fn a_line_with_a_word_too_many_or_too_few_is_refused() {
        assert!(parse("small link 100").is_none());
        assert!(parse("small link 100 20 3").is_none());
        assert!(parse("small link many 20").is_none());
    }
}
