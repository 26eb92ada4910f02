/**
 * What is known of sources and runs. No DOM.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { NotFound } from '../base/errors';
import { ActiveJobs } from '../base/jobs/activejobs';
import { ListModel } from '../base/panel/listmodel';
import type { Page } from '../base/schemas';
import type { Result, Run, RunIn, RunQuery, Source, SourceQuery } from './schemas';
import { runKey, sourceKey } from './selection';
import { isActive, nameOf, titleOf } from './source';

/** What the model asks of the server. */
export interface IEdaClient {
  sources(query: SourceQuery, signal?: AbortSignal): Promise<Page<Source>>;
  runs(query: RunQuery, signal?: AbortSignal): Promise<Page<Run>>;
  watch(id: string, after: number, wait: number): Promise<Result>;
  start(run: RunIn): Promise<Run>;
  cancel(id: string): Promise<Run>;
  remove(id: string): Promise<void>;
}

const MOST_ACTIVE = 200;

/** The lists of sources and runs, and the runs that are under way whether the lists show them or not. */
export class EdaModel implements IDisposable {
  constructor(private readonly client: IEdaClient) {
    const { runs, sources, active } = this;
    runs.changed.connect(() => active.note(runs.items));
    active.updated.connect((_, run) => this._put(run));
    active.lost.connect((_, id) => runs.drop(runKey({ id })));
    // What was just profiled says so among the sources.
    active.ended.connect(() => void sources.refresh({ quiet: true }));
    // The list says that the server is away, and tries again by itself.
    active.failed.connect(() => void this._reload());
  }

  readonly runs = new ListModel<Run, RunQuery>({
    load: (query, signal) => this.client.runs(query, signal),
    keyOf: runKey,
    nameOf: titleOf
  });

  readonly sources = new ListModel<Source, SourceQuery>({
    load: (query, signal) => this.client.sources(query, signal),
    keyOf: sourceKey,
    nameOf
  });

  readonly active = new ActiveJobs<Run>({
    isActive,
    load: () => this._loadActive(),
    loadEnded: run => this._loadEnded(run)
  });

  /** Emitted with the id of a run that was deleted. */
  get removed(): ISignal<this, string> {
    return this._removed;
  }

  /** The words that are searched for. */
  get query(): string {
    return this.runs.query.q ?? '';
  }

  /** Number of persons whose work is shown. */
  get peopleCount(): number {
    const names = [...this.runs.items, ...this.sources.items].map(({ by }) => by);
    return new Set(names.filter(name => name !== '')).size;
  }

  /** A run that is known. */
  find(id: string): Run | undefined {
    return this.active.find(id) ?? this.runs.find(runKey({ id }));
  }

  get isDisposed(): boolean {
    return this.active.isDisposed;
  }

  dispose(): void {
    [this.active, this.runs, this.sources].forEach(part => part.dispose());
    Signal.clearData(this);
  }

  /** Search both lists for words; the request waits for a pause in typing. */
  search(q: string): void {
    this.runs.filter({ q });
    this.sources.filter({ q });
  }

  /** Load both lists again. */
  async refresh(): Promise<void> {
    await Promise.all([this.runs.refresh(), this.sources.refresh()]);
  }

  /** Find the runs that go on since before this page was loaded, without loading the lists. */
  async resume(): Promise<void> {
    if (this.runs.state === 'idle') {
      await this.active.update();
    }
  }

  /** Start a run; it is in the list at once. */
  async start(request: RunIn): Promise<Run> {
    const run = await this.client.start(request);
    this.runs.drop(runKey(run));
    this.runs.prepend(run);
    return run;
  }

  /** Cancel a run. */
  async cancel(id: string): Promise<void> {
    const run = await this.client.cancel(id);
    this.active.forget(id);
    this.runs.put(run);
  }

  /** Delete a run and its results. */
  async remove(id: string): Promise<void> {
    await this.client.remove(id);
    this.active.forget(id);
    this.runs.drop(runKey({ id }));
    this._removed.emit(id);
    await this.sources.refresh({ quiet: true });
  }

  /** Show another state of a run; one that was started elsewhere is not in the list yet. */
  private _put(run: Run): void {
    const isKnown = this.active.find(run.id) !== undefined;
    this.runs.put(run);
    if (!isKnown) {
      void this._reload();
    }
  }

  private async _reload(): Promise<void> {
    if (this.runs.state === 'ready') {
      await this.runs.refresh({ quiet: true });
    }
  }

  private async _loadActive(): Promise<readonly Run[]> {
    const running = await this.client.runs({ state: 'running', limit: MOST_ACTIVE });
    if (running.items.length === 0) {
      return []; // a run waits only while others are under way
    }
    const queued = await this.client.runs({ state: 'queued', limit: MOST_ACTIVE });
    return [...running.items, ...queued.items];
  }

  private async _loadEnded({ id, revision }: Run): Promise<Run | null> {
    try {
      return (await this.client.watch(id, revision, 0)).run;
    } catch (error) {
      if (error instanceof NotFound) {
        return null;
      }
      throw error;
    }
  }

  private readonly _removed = new Signal<this, string>(this);
}
