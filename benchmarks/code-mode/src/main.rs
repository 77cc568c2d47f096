//! Replays the ground truth of data sets as direct calls and as scripts, and counts the
//! tokens of both: `benchmarks/code-mode/run`.
//!
//! `code-mode-benchmarks [--checked] TASKS BRIDGE…`: the file with the tasks, and the
//! command of the process that their tools act on. Writes what it found to standard
//! output, as JSON. With `--checked`, the types of scripts are checked before they run;
//! a script that is rejected is a problem.

mod bridge;
mod direct;
mod discovery;
mod plan;
mod report;
mod scripts;
mod task;
mod toolset;
mod transcript;

use std::error::Error;

use monty_code_mode::CodeMode;
use monty_host::Monty;

use bridge::Bridge;
use discovery::Discovery;
use plan::{Batch, Results};
use report::{Report, SetReport, Way};
use task::{Everything, Set, Task, ToolDocument};
use toolset::{Catalogue, Workshop};
use transcript::{Exchange, Totals, tokens};

type Failure = Box<dyn Error + Send + Sync>;

/// The numbers of tools that a model has.
const SIZES: [usize; 3] = [10, 100, 450];

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).peekable();
    let is_checked = arguments.next_if_eq("--checked").is_some();
    let tasks = arguments.next().ok_or("the file of the tasks is missing")?;
    let everything: Everything = serde_json::from_slice(&std::fs::read(tasks)?)?;
    let command: Vec<_> = arguments.collect();
    let bridge = Bridge::start(&command)?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut bench = Bench {
        monty: Monty::new()?,
        workshop: Workshop::new(&bridge, is_checked),
        bridge,
        others: everything.others,
    };
    for set in &everything.sets {
        for task in &set.tasks {
            bench.bridge.open(&set.name, &task.id)?;
            let results = direct::run(task, &bench.bridge)?;
            bench.workshop.check(task, &results);
        }
    }
    let mut report = Report {
        misfits: bench.workshop.misfits().clone(),
        ..Report::default()
    };
    for set in &everything.sets {
        eprintln!("{}", set.name);
        report.sets.push(runtime.block_on(bench.set(set))?);
    }
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

struct Bench {
    monty: Monty,
    bridge: Bridge,
    workshop: Workshop,
    others: Vec<ToolDocument>,
}

/// A task as each way goes about it.
struct Replays {
    single: Vec<Vec<Exchange>>,
    batched: Vec<Vec<Exchange>>,
    cautious: Vec<Vec<Exchange>>,
    chaining: Vec<Vec<Exchange>>,
}

impl Replays {
    fn of(&self, way: Way) -> &[Vec<Exchange>] {
        match way {
            Way::Single => &self.single,
            Way::Batched => &self.batched,
            Way::Cautious => &self.cautious,
            Way::Chaining => &self.chaining,
        }
    }
}

impl Bench {
    async fn set(&mut self, set: &Set) -> Result<SetReport, Failure> {
        let mut report = SetReport::new(set);
        for task in &set.tasks {
            self.bridge.open(&set.name, &task.id)?;
            let results = direct::run(task, &self.bridge)?;
            let replays = self.replay(task, &results, &mut report).await?;
            for (side, difference) in self.bridge.compare()? {
                report.differs(&task.id, &side, difference);
            }
            if !set.is_counted {
                continue;
            }
            for (place, turn) in task.turns.iter().enumerate() {
                for way in Way::ALL {
                    report.turn(turn.calls.len(), way, &replays.of(way)[place]);
                }
            }
            for size in SIZES {
                self.measure(task, size, &replays, &mut report).await?;
            }
        }
        Ok(report)
    }

    /// Runs the task in all ways.
    async fn replay(
        &mut self,
        task: &Task,
        results: &Results,
        report: &mut SetReport,
    ) -> Result<Replays, Failure> {
        let cautious = plan::cautious(task, results);
        let chaining = plan::chaining(task, results);
        let turns = || task.turns.iter().zip(results);
        // With all tools, so that what is called is one of many.
        let tools = toolset::choose(task, &self.others, usize::MAX);
        let code_mode = self
            .workshop
            .code_mode(&self.monty, &tools, Catalogue::Listed)
            .await?;
        let replays = Replays {
            single: turns()
                .map(|(turn, results)| direct::single(turn, results))
                .collect(),
            batched: turns()
                .zip(&cautious)
                .map(|((turn, results), batches)| direct::batched(turn, results, batches))
                .collect(),
            cautious: self
                .scripts(task, &cautious, results, &code_mode, "cautious", report)
                .await?,
            chaining: self
                .scripts(task, &chaining, results, &code_mode, "chaining", report)
                .await?,
        };
        report.planned(&chaining);
        Ok(replays)
    }

    async fn scripts(
        &self,
        task: &Task,
        plan: &[Vec<Batch>],
        results: &Results,
        code_mode: &CodeMode,
        side: &str,
        report: &mut SetReport,
    ) -> Result<Vec<Vec<Exchange>>, Failure> {
        let replayed = scripts::run(task, plan, results, code_mode, &self.bridge, side).await?;
        report.cut += replayed.cut;
        report.problems.extend(replayed.problems);
        Ok(replayed.turns)
    }

    /// Counts what the ways cost with a number of tools.
    async fn measure(
        &mut self,
        task: &Task,
        size: usize,
        replays: &Replays,
        report: &mut SetReport,
    ) -> Result<(), Failure> {
        let tools = toolset::choose(task, &self.others, size);
        let messages = task.turns.iter().map(|turn| tokens(&turn.message));
        let messages: Vec<_> = messages.collect();
        let totals = |descriptions, turns: &[Vec<Exchange>]| {
            Totals::of(descriptions, messages.iter().copied().zip(turns))
        };
        let descriptions = tokens(&toolset::direct_descriptions(&tools));
        for way in [Way::Single, Way::Batched] {
            let totals = totals(descriptions, replays.of(way));
            report.totals(way, None, totals);
        }
        for catalogue in Catalogue::ALL {
            let code_mode = self
                .workshop
                .code_mode(&self.monty, &tools, catalogue)
                .await?;
            let text = scripts::description(&code_mode);
            let mut discovery = Discovery::new(&code_mode, catalogue, &text, task);
            let mut looked_up = Vec::new();
            for turn in &task.turns {
                looked_up.push(discovery.before(turn).await);
            }
            if catalogue == Catalogue::Listed {
                report.searched(size, discovery.searched);
            }
            let descriptions = tokens(&text);
            for way in [Way::Cautious, Way::Chaining] {
                let turns = looked_up.iter().zip(replays.of(way));
                let turns: Vec<Vec<_>> = turns
                    .map(|(before, exchanges)| before.iter().chain(exchanges).copied().collect())
                    .collect();
                report.totals(way, Some(catalogue), totals(descriptions, &turns));
            }
        }
        report.end_of_task(size);
        Ok(())
    }
}
