/**
 * Sources, runs, dataframes and a server in memory for the tests of the panel.
 */
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';

import { toError } from '../../src/base/errors';
import type { Page } from '../../src/base/schemas';
import type { EdaClient } from '../../src/eda/api';
import type { IWorkbench } from '../../src/eda/workbench';
import type { FramesModel, FramesState } from '../../src/eda/frames';
import type { IFrame } from '../../src/eda/kernel';
import { EdaModel, type IEdaClient } from '../../src/eda/model';
import { Picks } from '../../src/eda/picks';
import { Preferences } from '../../src/eda/preferences';
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
    const all = this.sourceList.filter(one => one.name.includes(query.q ?? ''));
    return this._answer(page(all, query.limit), `sources ${query.q ?? ''}`, signal);
  }

  async runs(query: RunQuery, signal?: AbortSignal): Promise<Page<Run>> {
    const { q = '', state, limit } = query;
    const all = this.runList.filter(
      one => one.source.name.includes(q) && (!state || one.state === state)
    );
    return this._answer(page(all, limit), `runs ${q}`, signal);
  }

  async watch(id: string): Promise<Result> {
    const found = this._find(id);
    const overview = { names: this.names } as Result['overview'];
    return this._answer(
      { run: found, overview, comparison: null, checks: null },
      `watch ${id}`
    );
  }

  async start(wanted: RunIn): Promise<Run> {
    const made = run(100 + this.started.push(wanted), {
      ...wanted,
      state: 'running',
      created: new Date().toISOString()
    });
    this.runList.unshift(made);
    return this._answer(made, 'start');
  }

  async cancel(id: string): Promise<Run> {
    return this._answer(this.become(id, { state: 'cancelled' }), 'cancel');
  }

  async remove(id: string): Promise<void> {
    this.runList = this.runList.filter(one => one.id !== id);
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
    this.runList = this.runList.map(one => (one.id === id ? next : one));
    return next;
  }

  private _find(id: string): Run {
    const found = this.runList.find(one => one.id === id);
    if (!found) {
      throw toError({ code: 'not_found', message: 'There is no such run' });
    }
    return found;
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

function page<T>(items: readonly T[], limit = 50): Page<T> {
  return { items: items.slice(0, limit), total: items.length } as unknown as Page<T>;
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
    return this.items.find(one => one.name === name) ?? null;
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

/** What a test needs of auto-EDA. */
export interface IMade {
  bench: IWorkbench;
  client: MemoryClient;
  frames: MemoryFrames;
  model: EdaModel;
}

export function made(): IMade {
  const client = new MemoryClient();
  const frames = new MemoryFrames();
  const model = new EdaModel(client);
  const bench: IWorkbench = {
    client: client as unknown as EdaClient,
    model,
    frames: frames as unknown as FramesModel,
    picks: new Picks(),
    preferences: new Preferences(),
    commands: new CommandRegistry(),
    trans
  };
  return { bench, client, frames, model };
}

/** Let everything that is under way come to its end. */
export async function settled(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 0));
}
