/**
 * What is known of sources and runs. No DOM.
 */
import { Debouncer, Poll } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import { Cancelled } from '../base/errors';
import type { Page } from '../base/schemas';
import type { Run, RunIn, RunQuery, Source, SourceQuery } from './schemas';
import { isActive } from './wanted';

/** What the model asks of the server. */
export interface IEdaClient {
  sources(query: SourceQuery, signal?: AbortSignal): Promise<Page<Source>>;
  runs(query: RunQuery, signal?: AbortSignal): Promise<Page<Run>>;
  start(run: RunIn): Promise<Run>;
  cancel(id: string): Promise<Run>;
  remove(id: string): Promise<void>;
}

/** How a list is: nothing asked yet, asking, known, or failed. */
export type ListState = 'idle' | 'loading' | 'ready' | 'failed';

const PAGE = 50;
const MOST = 200;
const TYPING_MS = 150;
const BUSY_MS = 1_000;

/** Sources and runs of this person, with the words that they are looked for by. */
export class EdaModel {
  constructor(client: IEdaClient) {
    this._client = client;
    this._poll = new Poll({
      auto: false,
      factory: () => this._load(),
      frequency: { interval: BUSY_MS, backoff: true, max: 30_000 },
      standby: () => !this._runs.some(isActive) || document.hidden
    });
  }

  /** Emitted whenever anything that is shown may have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when a run that was under way has ended. */
  get ended(): ISignal<this, Run> {
    return this._ended;
  }

  get state(): ListState {
    return this._state;
  }

  get error(): unknown {
    return this._error;
  }

  get words(): string {
    return this._words;
  }

  get sources(): readonly Source[] {
    return this._sources;
  }

  get sourcesTotal(): number {
    return this._sourcesTotal;
  }

  get runs(): readonly Run[] {
    return this._runs;
  }

  get runsTotal(): number {
    return this._runsTotal;
  }

  /** Look for sources and runs by words. */
  search(words: string): void {
    this._words = words;
    this._limit = PAGE;
    this._changed.emit();
    void this._typed.invoke();
  }

  /** Show more of both lists. */
  more(): void {
    this._limit = Math.min(MOST, this._limit + PAGE);
    void this.refresh();
  }

  /** Whether there is more than is shown, and can be. */
  get hasMore(): boolean {
    return (
      this._limit < MOST &&
      (this._sources.length < this._sourcesTotal || this._runs.length < this._runsTotal)
    );
  }

  /** Ask again for what is shown. */
  async refresh(): Promise<void> {
    this._state = 'loading';
    this._changed.emit();
    await this._load();
  }

  /** Begin a run; it is in the list at once. */
  async start(wanted: RunIn): Promise<Run> {
    const run = await this._client.start(wanted);
    this._runs = [run, ...this._runs.filter(one => one.id !== run.id)];
    this._changed.emit();
    void this._poll.start();
    return run;
  }

  async cancel(id: string): Promise<void> {
    const run = await this._client.cancel(id);
    this._runs = this._runs.map(one => (one.id === id ? run : one));
    this._changed.emit();
  }

  async remove(id: string): Promise<void> {
    await this._client.remove(id);
    this._runs = this._runs.filter(one => one.id !== id);
    this._changed.emit();
    await this._load();
  }

  private async _load(): Promise<void> {
    this._asking?.abort();
    const asking = (this._asking = new AbortController());
    const query = { q: this._words, limit: this._limit };
    try {
      const [runs, sources] = await Promise.all([
        this._client.runs(query, asking.signal),
        this._client.sources(query, asking.signal)
      ]);
      const before = new Set(this._runs.filter(isActive).map(run => run.id));
      this._runs = runs.items;
      this._runsTotal = runs.total;
      this._sources = sources.items;
      this._sourcesTotal = sources.total;
      this._state = 'ready';
      this._error = null;
      this._changed.emit();
      runs.items
        .filter(run => before.has(run.id) && !isActive(run))
        .forEach(run => this._ended.emit(run));
      if (runs.items.some(isActive)) {
        void this._poll.start();
      }
    } catch (error) {
      if (error instanceof Cancelled) {
        return;
      }
      this._state = 'failed';
      this._error = error;
      this._changed.emit();
    }
  }

  private readonly _client: IEdaClient;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _ended = new Signal<this, Run>(this);
  private readonly _typed = new Debouncer(() => this.refresh(), TYPING_MS);
  private readonly _poll: Poll;
  private _asking: AbortController | null = null;
  private _state: ListState = 'idle';
  private _error: unknown = null;
  private _words = '';
  private _limit = PAGE;
  private _sources: readonly Source[] = [];
  private _sourcesTotal = 0;
  private _runs: readonly Run[] = [];
  private _runsTotal = 0;
}
