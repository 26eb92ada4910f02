/**
 * Sources, runs, dataframes and a server in memory for the tests of the panel.
 */
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';

import { toError } from '../../src/base/errors';
import { Preferences } from '../../src/base/preferences';
import type { Page } from '../../src/base/schemas';
import type { ICommandContext, IOpener } from '../../src/eda/context';
import type { FramesModel, FramesState } from '../../src/eda/frames';
import type { IFrame } from '../../src/eda/kernel';
import { EdaModel, type IEdaClient } from '../../src/eda/model';
import type {
  Code,
  LoadIn,
  Report,
  ReportFormat,
  Result,
  Run,
  RunIn,
  RunQuery,
  Source,
  SourceQuery
} from '../../src/eda/schemas';
import { createSelection, findItem } from '../../src/eda/selection';
import { DEFAULT_SETTINGS, optionsOf, type ISettings } from '../../src/eda/settings';
import { RunStarter } from '../../src/eda/startrun';
import { run as example } from './view/fixtures';

export const trans = nullTranslator.load('orrery');

/** An id of a run. */
export function idOf(number: number): string {
  return String(number).padStart(32, '0');
}

export function run(number: number, more: Partial<Run> = {}): Run {
  return { ...example(), id: idOf(number), ...more };
}

export function source(name: string, more: Partial<Source> = {}): Source {
  return {
    kind: 'file',
    location: `data/${name}`,
    table: '',
    sheet: '',
    reading: null,
    name,
    size: 1_000,
    changed: '2026-01-01T00:00:00Z',
    profiled: null,
    by: '',
    run: null,
    ...more
  };
}

export function frame(name: string, more: Partial<IFrame> = {}): IFrame {
  return { name, dialect: 'pandas', rows: 10, columns: 2, bytes: 160, ...more };
}

/** A server that keeps everything in lists. */
export class MemoryClient implements IEdaClient {
  sourceList: Source[] = [];
  runList: Run[] = [];
  readonly started: RunIn[] = [];
  readonly asked: string[] = [];
  readonly reported: [string, ReportFormat][] = [];
  names: readonly string[] = [];
  /** What every answer is instead, if anything. */
  broken: Error | null = null;
  /** Held back until it is resolved. */
  gate: Promise<unknown> = Promise.resolve();

  async sources(query: SourceQuery, signal?: AbortSignal): Promise<Page<Source>> {
    const all = this.sourceList.filter(({ name }) => name.includes(query.q ?? ''));
    return this._answer(page(all, query), `sources ${query.q ?? ''}`, signal);
  }

  async runs(query: RunQuery, signal?: AbortSignal): Promise<Page<Run>> {
    const { q = '', state } = query;
    const all = this.runList.filter(
      candidate =>
        candidate.source.name.includes(q) && (!state || candidate.state === state)
    );
    return this._answer(page(all, query), `runs ${state ?? q}`, signal);
  }

  async watch(id: string): Promise<Result> {
    const current = this._find(id);
    const overview = { names: this.names } as Result['overview'];
    return this._answer(
      { run: current, overview, comparison: null, checks: null },
      `watch ${id}`
    );
  }

  async start(request: RunIn): Promise<Run> {
    const started = run(100 + this.started.push(request), {
      ...request,
      state: 'running',
      created: new Date().toISOString()
    });
    this.runList.unshift(started);
    return this._answer(started, 'start');
  }

  async cancel(id: string): Promise<Run> {
    return this._answer(this.become(id, { state: 'cancelled' }), 'cancel');
  }

  async remove(id: string): Promise<void> {
    this.runList = this.runList.filter(other => other.id !== id);
    return this._answer(undefined, 'remove');
  }

  load({ source }: LoadIn): Promise<Code> {
    return this._answer({ code: `load ${source.kind} ${source.location}` }, 'load');
  }

  report(id: string, format: ReportFormat): Promise<Report> {
    this.reported.push([id, format]);
    return Promise.resolve({
      name: `r.${format}`,
      type: 'text/html',
      content: 'x',
      scripts: false
    });
  }

  /** A run goes on. */
  become(id: string, more: Partial<Run>): Run {
    const next = { ...this._find(id), ...more };
    this.runList = this.runList.map(other => (other.id === id ? next : other));
    return next;
  }

  private _find(id: string): Run {
    const match = this.runList.find(candidate => candidate.id === id);
    if (!match) {
      throw toError({ code: 'not_found', message: 'There is no such run' });
    }
    return match;
  }

  private async _answer<T>(answer: T, what: string, signal?: AbortSignal): Promise<T> {
    this.asked.push(what);
    await this.gate;
    signal?.throwIfAborted();
    if (this.broken) {
      throw this.broken;
    }
    return answer;
  }
}

function page<T>(
  items: readonly T[],
  { offset = 0, limit = 50 }: { offset?: number; limit?: number }
): Page<T> {
  const total = items.length;
  return { items: items.slice(offset, offset + limit), total, offset, limit };
}

/** The dataframes of a kernel that is not there. */
export class MemoryFrames {
  readonly changed = new Signal<this, void>(this);
  state: FramesState = 'ready';
  items: IFrame[] = [];
  document = 'analysis.ipynb';
  inside: string | null = null;
  readonly handed: string[] = [];
  readonly leaving = new Set<string>();
  refreshed = 0;
  /** Whether the kernel can be asked. */
  answers = true;

  find(name: string): IFrame | null {
    return this.items.find(candidate => candidate.name === name) ?? null;
  }

  inCell(): string | null {
    return this.inside;
  }

  isLeaving(name: string): boolean {
    return this.leaving.has(name);
  }

  handOver(name: string): Promise<{ id: string; rows: number } | null> {
    this.handed.push(name);
    return Promise.resolve(
      this.answers ? { id: idOf(900 + this.handed.length), rows: 10 } : null
    );
  }

  refresh(): Promise<void> {
    this.refreshed += 1;
    return Promise.resolve();
  }
}

/** What a test needs of Auto-EDA. */
export interface IFixture {
  context: ICommandContext;
  client: MemoryClient;
  frames: MemoryFrames;
  model: EdaModel;
  opener: jest.Mocked<IOpener>;
  preferences: Preferences<ISettings>;
}

export function createFixture(): IFixture {
  const client = new MemoryClient();
  const frames = new MemoryFrames();
  const model = new EdaModel(client);
  const preferences = new Preferences(DEFAULT_SETTINGS);
  const selection = createSelection();
  const opener: jest.Mocked<IOpener> = {
    folder: null,
    panel: jest.fn(),
    open: jest.fn().mockResolvedValue(undefined),
    insert: jest.fn(),
    ask: jest.fn().mockResolvedValue(null)
  };
  const options = () => optionsOf(preferences.values);
  for (const { changed } of [model.runs, model.sources]) {
    changed.connect(() => selection.renew(key => findItem(key, model, frames)));
  }
  const context: ICommandContext = {
    client: client,
    commands: new CommandRegistry(),
    frames: frames as unknown as FramesModel,
    model,
    opener,
    selection,
    starter: new RunStarter({ model, frames, options, trans }),
    trans
  };
  return { context, client, frames, model, opener, preferences };
}

/** Let everything that is under way come to its end. */
export async function settled(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 0));
}
