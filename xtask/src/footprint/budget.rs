//! What may be taken at most: `footprint/budgets.txt`.
//!
//! One line each: target, machine, flash, RAM. A machine without a line is weighed and not judged.

use std::fs;

use crate::shell::{Failure, root};

const PATH: &str = "footprint/budgets.txt";

/// The budgets.
pub(super) struct Budgets(Vec<Budget>);

struct Budget {
    target: String,
    machine: String,
    flash: u64,
    ram: u64,
}

impl Budgets {
    /// Reads the file.
    pub(super) fn read() -> Result<Self, Failure> {
        let text = fs::read_to_string(root().join(PATH))?;
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let budgets = lines.map(|line| {
            parse(line).ok_or_else(|| Failure(format!("{PATH}: cannot read this line: {line}")))
        });
        budgets.collect::<Result<_, _>>().map(Self)
    }

    /// What a machine takes beyond its budget, in words.
    pub(super) fn judge(
        &self,
        target: &str,
        machine: &str,
        flash: u64,
        ram: u64,
    ) -> impl Iterator<Item = String> {
        let is_it = |budget: &&Budget| budget.target == target && budget.machine == machine;
        let budget = self.0.iter().find(is_it);
        let kinds =
            [("flash", flash, budget.map(|b| b.flash)), ("RAM", ram, budget.map(|b| b.ram))];
        let over = kinds.map(|(kind, taken, most)| {
            let most = most.filter(|most| taken > *most)?;
            Some(format!("{machine} takes {taken} bytes of {kind} on {target}, not {most}"))
        });
        over.into_iter().flatten()
    }
}

fn parse(line: &str) -> Option<Budget> {
    let mut words = line.split_whitespace();
    let (target, machine) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (flash, ram) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    words.next().is_none().then_some(Budget { target, machine, flash, ram })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_beyond_its_budget_is_named_with_both_numbers() {
        let budgets = Budgets(vec![parse("small link 100 20").unwrap()]);
        let judge = |flash, ram| budgets.judge("small", "link", flash, ram).collect::<Vec<_>>();
        assert_eq!(judge(100, 20), Vec::<String>::new());
        assert_eq!(judge(101, 20), ["link takes 101 bytes of flash on small, not 100"]);
        assert_eq!(judge(101, 21).len(), 2);
        assert_eq!(budgets.judge("small", "chat", 999, 999).count(), 0);
    }

    #[test]
    fn a_line_with_a_word_too_many_or_too_few_is_refused() {
        assert!(parse("small link 100").is_none());
        assert!(parse("small link 100 20 3").is_none());
        assert!(parse("small link many 20").is_none());
    }
}
