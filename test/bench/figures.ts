/** What one bench measured. */
export interface Figure {
  readonly bench: string;
  readonly what: string;
  readonly unit: '×' | 'ms' | 'MB' | 'kB' | 'KiB' | 'count';
  readonly measured: number;
  /** Lowest and highest of what `measured` is the middle of. */
  readonly spread?: readonly [low: number, high: number];
  /** The most it may be; a figure without a goal is there to explain another. */
  readonly goal?: number;
}

/** Whether a figure meets its goal; undefined for one without. */
export function isMet({ measured, goal }: Figure): boolean | undefined {
  return goal === undefined ? undefined : measured <= goal;
}

const headings = ['bench', 'figure', 'goal', 'measured', 'spread', 'met'] as const;

/** The figures as a table for a terminal, with a line break at the end. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = [headings, ...figures.map(cellsOf)];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [lines[0], rule, ...lines.slice(1)].map((line) => `${line?.trimEnd() ?? ''}\n`).join('');
}

function cellsOf(figure: Figure): readonly string[] {
  const { bench, what, unit, measured, spread, goal } = figure;
  const met = isMet(figure);
  return [
    bench,
    what,
    goal === undefined ? '' : `≤ ${inUnit(goal, unit, 'goal')}`,
    inUnit(measured, unit),
    spread === undefined ? '' : `${inUnit(spread[0], unit)} to ${inUnit(spread[1], unit)}`,
    met === undefined ? '' : met ? 'yes' : 'NO',
  ];
}

function inUnit(value: number, unit: Figure['unit'], kind: 'goal' | 'measured' = 'measured'): string {
  if (unit === '×') return `${kind === 'goal' ? value : value.toFixed(2)} ×`;
  if (unit === 'ms') return `${value.toFixed(value < 10 ? 3 : 1)} ms`;
  if (unit === 'count') return String(value);
  return `${kind === 'goal' ? value : value.toFixed(1)} ${unit}`;
}
