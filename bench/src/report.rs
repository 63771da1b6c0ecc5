//! Numbers as people read them.
#![expect(
    clippy::print_stdout,
    reason = "a benchmark talks to the person who runs it"
)]

use std::time::Duration;

/// The value below which that share of the sorted values lies.
#[must_use]
pub fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let last = sorted.len().saturating_sub(1);
    let index = (last as f64 * share).round() as usize;
    sorted.get(index).copied().unwrap_or_default()
}

/// A duration in ms, two digits behind the point.
#[must_use]
pub fn ms(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}

/// Prints a heading.
pub fn heading(text: &str) {
    println!("\n## {text}\n");
}

/// Prints a line.
pub fn line(text: &str) {
    println!("{text}");
}

/// Prints rows under a heading, columns aligned, as Markdown.
pub fn table(heading: &[&str], rows: &[Vec<String>]) {
    let widths: Vec<usize> = heading
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.chain([name.chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let print = |cells: Vec<&str>| {
        let cells: Vec<String> = cells
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, width))| {
                if column == 0 {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            })
            .collect();
        println!("| {} |", cells.join(" | "));
    };
    print(heading.to_vec());
    let rules: Vec<String> = widths
        .iter()
        .enumerate()
        .map(|(column, width)| {
            let end = if column == 0 { "-" } else { ":" };
            "-".repeat(width + 1) + end
        })
        .collect();
    println!("|{}|", rules.join("|"));
    for row in rows {
        print(row.iter().map(String::as_str).collect());
    }
    println!();
}

/// The machine, for whoever compares.
pub fn machine() {
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.split(':').nth(1));
        value.unwrap_or("unknown").trim().to_owned()
    };
    let model = field(&read("/proc/cpuinfo"), "model name");
    let memory = field(&read("/proc/meminfo"), "MemTotal");
    let kernel = read("/proc/sys/kernel/osrelease");
    line(&format!(
        "Machine: {cpus} × {model}, {memory} of memory, Linux {}.",
        kernel.trim()
    ));
}
