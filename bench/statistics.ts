// Numbers as tables.

export function median(values: number[]): number {
  return quantile(values, 0.5);
}

/** The value below which that share of the values lies, interpolated. */
export function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  return low + (high - low) * (at - Math.floor(at));
}

/** Prints rows under a heading, columns aligned. */
export function table(heading: string[], rows: (string | number)[][]): void {
  const cells = [heading, ...rows.map((row) => row.map((it) => (typeof it === 'number' ? it.toFixed(0) : it)))];
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row: string[]) =>
    `| ${row.map((it, column) => (column === 0 ? it.padEnd(widths[column]) : it.padStart(widths[column]))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  console.log(`\n${[line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n')}\n`);
}
