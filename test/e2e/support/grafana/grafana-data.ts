import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { groupBy } from '../../../../lambda/runtime/group-by.ts';
import { partsFolder } from '../parts.ts';

/** A column, as Grafana holds it. */
export interface Field {
  readonly name: string;
  readonly type: 'time' | 'number' | 'string' | 'boolean' | 'frame' | 'other';
  readonly config: { readonly displayNameFromDS?: string };
  readonly labels?: Readonly<Record<string, string>>;
  readonly values: readonly unknown[];
}

/** A table or a series, as Grafana holds it. */
export interface Frame {
  readonly refId?: string;
  readonly name?: string;
  readonly fields: readonly Field[];
  readonly length: number;
}

interface Observable<Value> {
  subscribe(observer: { next(value: Value): void; error(error: Error): void }): unknown;
}

interface Transformer {
  readonly id: string;
  readonly operator: (options: unknown) => unknown;
}

/** Things that Grafana knows by a word. */
interface Registry {
  getIfExists(id: string): unknown;
}

type FieldMatcher = (field: Field, frame: Frame, all: readonly Frame[]) => boolean;

interface Theme {
  readonly visualization: { getColorByName(name: string): string };
}

/** What is used of Grafana's package `@grafana/data`: the code that runs in its dashboards. */
interface GrafanaData {
  readonly standardTransformers: Readonly<Record<string, Transformer>>;
  readonly standardTransformersRegistry: Registry & { setInit(init: () => readonly unknown[]): void };
  readonly fieldMatchers: Registry & { get(id: string): { get(options: unknown): FieldMatcher } };
  readonly fieldReducers: Registry;
  /** Units, by what they are of. */
  getValueFormats(): readonly { readonly submenu: readonly { readonly value: string }[] }[];
  /** The step of a threshold that a value is in. */
  getActiveThreshold(value: unknown, steps: readonly unknown[]): { readonly color: string };
  /** The dark one. */
  createTheme(): Theme;
  /** What becomes of a value on its way into a cell. */
  getDisplayProcessor(options: {
    readonly field: { readonly type: Field['type']; readonly config: unknown };
    readonly theme: Theme;
  }): (value: unknown) => { readonly text: string; readonly suffix?: string; readonly color?: string };
  /** What a tile shows. */
  getFieldDisplayValues(options: {
    readonly data: readonly unknown[];
    readonly reduceOptions: unknown;
    readonly fieldConfig: unknown;
    readonly theme: Theme;
    replaceVariables(text: string): string;
  }): readonly { readonly display: { readonly text: string; readonly suffix?: string; readonly color?: string } }[];
  transformDataFrame(configs: readonly unknown[], frames: readonly Frame[]): Observable<readonly Frame[]>;
  escapeRegex(text: string): string;
  dateTime(ms: number): unknown;
  getFieldDisplayName(field: Field, frame: Frame, all: readonly Frame[]): string;
  isTimeSeriesFrame(frame: Frame): boolean;
  readonly rangeUtil: {
    calculateInterval(range: unknown, points: number, lowest?: string): { readonly interval: string };
  };
}

const folder = join(partsFolder, 'grafana-data');
let loaded: GrafanaData | undefined;

/**
 * Grafana's own package, with the transformations that a dashboard can name. Loaded once.
 * @throws Error when install.sh has not brought it
 */
export function loadGrafanaData(): GrafanaData {
  return (loaded ??= load());
}

function load(): GrafanaData {
  if (!existsSync(join(folder, '.pins'))) throw new Error('missing: @grafana/data; run test/e2e/install.sh');
  const grafana = createRequire(join(folder, 'package.json'))('@grafana/data') as GrafanaData;
  // It asks the page whether variables in options are filled in already (ours have none), and for its language.
  Object.assign(globalThis, {
    window: { __grafanaSceneContext: {}, navigator: { language: 'en-US', languages: ['en-US'] } },
  });
  const transformers = [...Object.values(grafana.standardTransformers), timeSeriesTable(grafana)];
  // Some stand there twice, under an older name too.
  const byId = new Map(transformers.map((transformation) => [transformation.id, transformation]));
  grafana.standardTransformersRegistry.setInit(() =>
    [...byId].map(([id, transformation]) => ({ id, name: id, transformation: () => Promise.resolve(transformation) })),
  );
  return grafana;
}

/** Grafana's transformation that turns series into rows with a picture; it is no part of the package. */
function timeSeriesTable(grafana: GrafanaData): Transformer {
  const map = (change: (frames: readonly Frame[]) => readonly Frame[]) => ({
    operator: () => (source: { pipe(operator: unknown): unknown }) => source.pipe(rxMap(change)),
  });
  return { id: 'timeSeriesTable', ...map((frames) => seriesAsRows(frames, grafana)) };
}

function rxMap(change: (frames: readonly Frame[]) => readonly Frame[]): unknown {
  const rx = createRequire(join(folder, 'package.json'))('rxjs') as { map(change: unknown): unknown };
  return rx.map(change);
}

function seriesAsRows(frames: readonly Frame[], grafana: GrafanaData): readonly Frame[] {
  const isSeries = (frame: Frame): boolean => grafana.isTimeSeriesFrame(frame);
  const tables = groupBy(frames.filter(isSeries), ({ refId }) => refId ?? '');
  const rows = [...tables].map(([refId, series]): Frame => {
    const labels = Object.keys(labelsOf(series[0]));
    const text = (name: string): Field => ({
      name,
      type: 'string',
      config: {},
      values: series.map((each) => labelsOf(each)[name]),
    });
    const pictures: Field = { name: `Trend #${refId}`, type: 'frame', config: {}, values: series };
    return { refId, fields: [...labels.map(text), pictures], length: series.length };
  });
  return [...frames.filter((frame) => !isSeries(frame)), ...rows];
}

function labelsOf(frame: Frame | undefined): Readonly<Record<string, string>> {
  return frame?.fields.find(({ type }) => type === 'number')?.labels ?? {};
}
