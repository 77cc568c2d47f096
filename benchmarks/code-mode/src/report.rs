//! What was found, as `page.py` reads it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::discovery::Searched;
use crate::plan::Batch;
use crate::scripts::Problem;
use crate::task::Set;
use crate::toolset::Catalogue;
use crate::transcript::{Exchange, Totals};

#[derive(Default, Serialize)]
pub struct Report {
    /// The tools that return what their own schema does not allow.
    pub misfits: BTreeSet<String>,
    pub sets: Vec<SetReport>,
}

/// How the calls of a task are made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// Direct, one for each model turn.
    Single,
    /// Direct, in parallel where none needs the result of another.
    Batched,
    /// The same batches as scripts that return everything.
    Cautious,
    /// Scripts that chain and return what is needed.
    Chaining,
}

impl Way {
    pub const ALL: [Self; 4] = [Self::Single, Self::Batched, Self::Cautious, Self::Chaining];
}

#[derive(Default, Serialize)]
pub struct SetReport {
    name: String,
    tasks: usize,
    user_turns: usize,
    calls: usize,
    /// Arguments that scripts take from a result that the model has not read.
    chained: usize,
    /// Results of scripts that were shown in part.
    pub cut: usize,
    /// Errors of scripts that direct calls do not have.
    pub problems: Vec<Problem>,
    /// Tasks whose calls or final state differ, with the way.
    differences: Vec<(String, String, String)>,
    turns: Vec<TurnReport>,
    totals: Vec<TotalsReport>,
    searches: BTreeMap<usize, SearchReport>,
    /// The task's own, until it is compared.
    #[serde(skip)]
    of_task: Vec<(Way, Option<Catalogue>, Totals)>,
}

/// User's turns of so many calls.
#[derive(Serialize)]
struct TurnReport {
    calls: usize,
    way: Way,
    user_turns: u64,
    model_turns: u64,
    output: u64,
    results: u64,
}

/// All tasks with so many tools.
#[derive(Serialize)]
struct TotalsReport {
    size: usize,
    way: Way,
    /// For scripts.
    catalogue: Option<Catalogue>,
    #[serde(flatten)]
    totals: Totals,
    /// How many tasks take less input, resent, than direct calls in batches.
    less_resent: usize,
    /// The same with each text once.
    less_once: usize,
}

#[derive(Default, Serialize)]
struct SearchReport {
    /// Tools that were looked for.
    tools: usize,
    missed: Vec<String>,
    /// How many the message of the user finds.
    by_message: usize,
}

impl SetReport {
    pub fn new(set: &Set) -> Self {
        let turns = || set.tasks.iter().flat_map(|task| &task.turns);
        Self {
            name: set.name.clone(),
            tasks: set.tasks.len(),
            user_turns: turns().count(),
            calls: turns().map(|turn| turn.calls.len()).sum(),
            ..Self::default()
        }
    }

    pub fn differs(&mut self, task: &str, side: &str, difference: String) {
        let difference = (task.to_owned(), side.to_owned(), difference);
        self.differences.push(difference);
    }

    pub fn planned(&mut self, plan: &[Vec<Batch>]) {
        let calls = plan.iter().flatten().flatten();
        self.chained += calls.map(|call| call.chained.len()).sum::<usize>();
    }

    pub fn turn(&mut self, calls: usize, way: Way, exchanges: &[Exchange]) {
        let mut known = self.turns.iter();
        let place = known.position(|turn| turn.calls == calls && turn.way == way);
        let place = place.unwrap_or_else(|| {
            self.turns.push(TurnReport {
                calls,
                way,
                user_turns: 0,
                model_turns: 0,
                output: 0,
                results: 0,
            });
            self.turns.len() - 1
        });
        let turn = &mut self.turns[place];
        turn.user_turns += 1;
        turn.model_turns += exchanges.len() as u64 + 1;
        turn.output += exchanges
            .iter()
            .map(|exchange| exchange.output)
            .sum::<u64>();
        turn.results += exchanges
            .iter()
            .map(|exchange| exchange.results)
            .sum::<u64>();
    }

    pub fn totals(&mut self, way: Way, catalogue: Option<Catalogue>, totals: Totals) {
        self.of_task.push((way, catalogue, totals));
    }

    /// Adds what the ways cost to the sums.
    pub fn end_of_task(&mut self, size: usize) {
        let of_task = std::mem::take(&mut self.of_task);
        let batched = of_task.iter().find(|(way, ..)| *way == Way::Batched);
        let batched = batched.map(|(.., totals)| *totals).unwrap_or_default();
        for (way, catalogue, totals) in of_task {
            let mut known = self.totals.iter();
            let same =
                |one: &TotalsReport| (one.size, one.way, one.catalogue) == (size, way, catalogue);
            let place = known.position(same).unwrap_or_else(|| {
                self.totals.push(TotalsReport {
                    size,
                    way,
                    catalogue,
                    totals: Totals::default(),
                    less_resent: 0,
                    less_once: 0,
                });
                self.totals.len() - 1
            });
            let sum = &mut self.totals[place];
            sum.totals += totals;
            sum.less_resent += usize::from(totals.input_resent < batched.input_resent);
            sum.less_once += usize::from(totals.input_once < batched.input_once);
        }
    }

    pub fn searched(&mut self, size: usize, searched: Searched) {
        let search = self.searches.entry(size).or_default();
        search.tools += searched.tools;
        search.missed.extend(searched.missed);
        search.by_message += searched.by_message;
    }
}
