/**
 * Runs, columns and a server in memory for the tests of the tab.
 */
import { nullTranslator } from '@jupyterlab/translation';

import { toError } from '../../../src/base/errors';
import type { Page } from '../../../src/base/schemas';
import type { IViewClient, IViewOptions } from '../../../src/eda/view/options';
import type {
  Alert,
  Checks,
  Code,
  CodeIn,
  ColumnProfile,
  ColumnQuery,
  Drift,
  Overview,
  RenderIn,
  Report,
  Result,
  Run,
  RunIn,
  Source
} from '../../../src/eda/schemas';

export const ID = '0123456789abcdef0123456789abcdef';
export const trans = nullTranslator.load('orrery');

export function run(more: Partial<Run> = {}): Run {
  return {
    id: ID,
    task: 'profile',
    source: {
      kind: 'file',
      location: 'data/wine.parquet',
      name: 'wine.parquet'
    } as Run['source'],
    against: null,
    options: {
      sections: ['preliminary', 'univariate', 'bivariate', 'multivariate', 'text'],
      nulls: 'skip',
      target: null,
      seconds: 120,
      sample: null,
      cluster: false
    },
    parent: null,
    newer: null,
    project: '',
    by: 'ada',
    state: 'done',
    stage: 'finished',
    progress: 1,
    revision: 3,
    waiting: 0,
    created: '2026-11-21T00:00:00Z',
    finished: '2026-11-21T00:00:05Z',
    rows: 178,
    columns: 3,
    alerts: 0,
    failing: null,
    bytes: 0,
    peak: 0,
    timings: [],
    sampling: null,
    error: null,
    ...more
  };
}

export function column(more: Partial<ColumnProfile> = {}): ColumnProfile {
  return {
    index: 0,
    name: 'price',
    type: 'float',
    dtype: 'DOUBLE',
    stage: 'finished',
    count: 100,
    missing: 0,
    nan: 0,
    infinite: 0,
    distinct: 90,
    distinct_error: 0,
    singles: null,
    zeros: 0,
    negatives: 0,
    trues: null,
    minimum: 1,
    maximum: 9.5,
    total: null,
    mean: 4.25,
    std: 1.5,
    skewness: null,
    kurtosis: null,
    quantiles: [{ share: 0.5, value: 4 }],
    quantile_error: 0,
    histogram: { edges: [1, 4, 7, 9.5], counts: [20, 70, 10], whole: false },
    top: [],
    placeholders: [],
    spellings: [],
    monotonic: '',
    outliers: null,
    text: null,
    time: null,
    association: null,
    unread: false,
    note: '',
    ...more
  };
}

export function overview(more: Partial<Overview> = {}): Overview {
  return {
    rows: 178,
    columns: 3,
    bytes: 12_000,
    missing: 4,
    duplicates: { rows: 0, examples: [], error: 0 },
    sampling: null,
    head: [],
    names: [],
    associations: [],
    scatters: [],
    patterns: [],
    target: null,
    effects: [],
    alerts: [],
    notes: [],
    reading: null,
    sheet: '',
    ...more
  };
}

export function alert(more: Partial<Alert> = {}): Alert {
  return {
    id: 'missing:0',
    code: 'missing',
    level: 'warning',
    columns: [0],
    names: ['price'],
    message: 'A third of "price" is missing',
    evidence: '33 of 100 values',
    value: 0.33,
    fixes: ['Drop the rows', 'Fill with the median'],
    ...more
  };
}

export function drift(more: Partial<Drift> = {}): Drift {
  return {
    name: 'price',
    change: 'same',
    level: 'info',
    type_before: 'float',
    type_after: 'float',
    measure: 'population_stability',
    value: 0.02,
    missing_before: 0,
    missing_after: 0,
    mean_before: 4,
    mean_after: 4,
    distinct_before: 90,
    distinct_after: 91,
    edges: [1, 4, 7, 10],
    whole: false,
    labels: [],
    before: [20, 70, 10],
    after: [10, 30, 60],
    fresh: [],
    note: '',
    ...more
  };
}

/** A server whose answers are at hand, and which remembers what it was asked. */
export class MemoryClient implements IViewClient {
  result: Result = { run: run(), overview: overview(), comparison: null, checks: null };
  table: ColumnProfile[] = [
    column(),
    column({ index: 1, name: 'colour', type: 'category', dtype: 'VARCHAR' }),
    column({ index: 2, name: 'bought', type: 'datetime', dtype: 'TIMESTAMP' })
  ];
  suggested: Checks = {
    suite: { name: 'checks', checks: [] },
    format: 'json',
    name: 'checks.json',
    content: '{}'
  };
  found: Source[] = [];
  content = '<!doctype html><html><head></head><body><h1>Report</h1></body></html>';
  scripts = false;
  failing: Error | null = null;

  readonly watched: number[] = [];
  readonly asked: ColumnQuery[] = [];
  readonly coded: CodeIn[] = [];
  readonly rendered: RenderIn[] = [];
  cancelled = 0;

  /** Say what is new to those who wait. */
  tell(result: Partial<Result> & { run: Run }): void {
    this.result = { ...this.result, ...result };
    this._waiting.splice(0).forEach(answer => answer());
  }

  watch(_: string, after: number, wait: number, signal?: AbortSignal): Promise<Result> {
    this.watched.push(after);
    if (this.failing) {
      return Promise.reject(this.failing);
    }
    if (this.result.run.revision > after || wait === 0) {
      return Promise.resolve(this.result);
    }
    return new Promise((resolve, reject) => {
      this._waiting.push(() => resolve(this.result));
      signal?.addEventListener('abort', () =>
        reject(toError({ code: 'cancelled', message: 'Cancelled' }))
      );
    });
  }

  cancel(): Promise<Run> {
    this.cancelled++;
    const cancelled = run({ ...this.result.run, state: 'cancelled', revision: 99 });
    this.tell({ run: cancelled });
    return Promise.resolve(cancelled);
  }

  columns(_: string, query: ColumnQuery): Promise<Page<ColumnProfile>> {
    this.asked.push(query);
    const { q = '', type, offset = 0, limit = 50, sort, alerts } = query;
    const warned = new Set(this.result.overview?.alerts.flatMap(one => one.columns));
    const found = this.table.filter(
      one =>
        one.name.includes(q) &&
        (!type || one.type === type) &&
        (!alerts || warned.has(one.index))
    );
    if (sort === 'missing') {
      found.sort((one, other) => other.missing - one.missing);
    }
    return Promise.resolve({
      items: found.slice(offset, offset + limit),
      total: found.length,
      offset,
      limit
    });
  }

  code(_: string, code: CodeIn): Promise<Code> {
    this.coded.push(code);
    const about = code.statistic ?? code.alert ?? '';
    return Promise.resolve({
      code: `${code.frame} # ${code.what} ${about}`.trim() + '\n'
    });
  }

  report(_: string, format: string): Promise<Report> {
    return Promise.resolve({
      name: `wine.${format}`,
      type: 'text/html',
      content: this.content,
      scripts: this.scripts
    });
  }

  checks(): Promise<Checks> {
    return Promise.resolve(this.suggested);
  }

  render(request: RenderIn): Promise<Checks> {
    this.rendered.push(request);
    return Promise.resolve({
      suite: request.suite,
      format: request.format ?? 'pandera',
      name: 'checks.py',
      content: `# ${request.suite.checks.length} checks as ${request.format}`
    });
  }

  runs(): Promise<Page<Run>> {
    return Promise.resolve({ items: [], total: 0, offset: 0, limit: 50 });
  }

  sources(): Promise<Page<Source>> {
    return Promise.resolve({
      items: this.found,
      total: this.found.length,
      offset: 0,
      limit: 50
    });
  }

  private readonly _waiting: (() => void)[] = [];
}

/** What a tab was told to do with the world outside. */
export interface IWorld extends IViewOptions {
  client: MemoryClient;
  inserted: string[];
  opened: string[];
  started: RunIn[];
  saved: Report[];
  errors: unknown[];
}

export function world(client = new MemoryClient()): IWorld {
  const made: IWorld = {
    id: ID,
    client,
    trans,
    inserted: [],
    opened: [],
    started: [],
    saved: [],
    errors: [],
    insert: code => void made.inserted.push(code),
    folder: () => 'reports',
    frame: () => ({ name: 'wines', dialect: 'pandas' }),
    start: request => {
      made.started.push(request);
      return Promise.resolve(run({ id: 'f'.repeat(32), task: request.task }));
    },
    open: id => void made.opened.push(id),
    files: report => void made.saved.push(report),
    change: () => Promise.resolve(),
    onError: error => void made.errors.push(error)
  };
  return made;
}
