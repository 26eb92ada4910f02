/**
 * What is known of sources and runs. No DOM.
 */
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';

import { Cancelled, NotFound } from '../base/errors';
import type { Page } from '../base/schemas';
import type { Result, Run, RunIn, RunQuery, Source, SourceQuery } from './schemas';
import { isActive } from './wanted';

/** What the model asks of the server. */
export interface IEdaClient {
  sources(query: SourceQuery, signal?: AbortSignal): Promise<Page<Source>>;
  runs(query: RunQuery, signal?: AbortSignal): Promise<Page<Run>>;
  watch(id: string, after: number, wait: number): Promise<Result>;
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
const HIDDEN_MS = 10_000;
const MOST_MS = 30_000;

/** Sources and runs of this person, with the words that they are looked for by. */
export class EdaModel implements IDisposable {
  constructor(client: IEdaClient) {
    this._client = client;
  }

  /** Emitted whenever anything that is shown may have changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted when a run that was under way has ended. */
  get ended(): ISignal<this, Run> {
    return this._ended;
  }

  /** Emitted when a run was deleted. */
  get removed(): ISignal<this, string> {
    return this._removed;
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

  /** How many persons there are whose work is shown. */
  get people(): number {
    const names = [...this._runs, ...this._sources].map(one => one.by);
    return new Set(names.filter(name => name !== '')).size;
  }

  /** The runs that have more to tell, whether the words find them or not. */
  get active(): readonly Run[] {
    return [...this._active.values()];
  }

  /** A run that is known. */
  find(id: string): Run | undefined {
    return this._active.get(id) ?? this._runs.find(run => run.id === id);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    this._asking?.abort();
    this._typed.dispose();
    Signal.clearData(this);
  }

  /** Look for sources and runs by words. */
  search(words: string): void {
    this._words = words;
    this._limit = PAGE;
    this._changed.emit();
    void this._typed.invoke().catch(() => undefined);
  }

  /** Show more of both lists. */
  more(): void {
    this._limit = Math.min(MOST, this._limit + PAGE);
    void this.refresh();
  }

  get hasMoreSources(): boolean {
    return this._limit < MOST && this._sources.length < this._sourcesTotal;
  }

  get hasMoreRuns(): boolean {
    return this._limit < MOST && this._runs.length < this._runsTotal;
  }

  /** Ask again for what is shown. */
  async refresh(): Promise<void> {
    this._state = 'loading';
    this._changed.emit();
    await this._attempt(async signal => {
      const query = { q: this._words, limit: this._limit };
      const [runs, sources] = await Promise.all([
        this._client.runs(query, signal),
        this._client.sources(query, signal)
      ]);
      this._sources = sources.items;
      this._sourcesTotal = sources.total;
      await this._take(runs, signal);
    });
  }

  /** Find the runs again that go on since before this page was loaded. */
  async resume(): Promise<void> {
    if (this._state === 'idle') {
      const { items } = await this._client.runs({ state: 'running', limit: PAGE });
      const waiting = await this._client.runs({ state: 'queued', limit: PAGE });
      this._note([...items, ...waiting.items]);
    }
  }

  /** Begin a run; it is in the list at once. */
  async start(wanted: RunIn): Promise<Run> {
    const run = await this._client.start(wanted);
    this._runs = [run, ...this._runs.filter(one => one.id !== run.id)];
    this._runsTotal += 1;
    this._note([run]);
    return run;
  }

  async cancel(id: string): Promise<void> {
    const run = await this._client.cancel(id);
    this._runs = this._runs.map(one => (one.id === id ? run : one));
    this._active.delete(id);
    this._changed.emit();
  }

  async remove(id: string): Promise<void> {
    await this._client.remove(id);
    this._active.delete(id);
    this._runs = this._runs.filter(one => one.id !== id);
    this._removed.emit(id);
    await this.refresh();
  }

  /** Try something that a later attempt may overtake. */
  private async _attempt(ask: (signal: AbortSignal) => Promise<void>): Promise<void> {
    clearTimeout(this._timer);
    this._asking?.abort();
    const asking = (this._asking = new AbortController());
    try {
      await ask(asking.signal);
      if (asking.signal.aborted) {
        return;
      }
      this._state = 'ready';
      this._error = null;
      this._pause = BUSY_MS;
    } catch (error) {
      if (asking.signal.aborted || error instanceof Cancelled) {
        return;
      }
      this._state = 'failed';
      this._error = error;
      this._pause = Math.min(MOST_MS, this._pause * 2);
    }
    this._changed.emit();
    this._plan();
  }

  private async _take(runs: Page<Run>, signal: AbortSignal): Promise<void> {
    const known = new Map(runs.items.map(run => [run.id, run]));
    const missed = [...this._active.keys()].filter(id => !known.has(id));
    const others = await Promise.all(missed.map(id => this._one(id)));
    if (signal.aborted) {
      return;
    }
    this._runs = runs.items;
    this._runsTotal = runs.total;
    const all = [...runs.items, ...others.flatMap(run => run ?? [])];
    const ended = all.filter(run => this._active.has(run.id) && !isActive(run));
    this._active = new Map(all.filter(isActive).map(run => [run.id, run]));
    ended.forEach(run => this._ended.emit(run));
  }

  /** A run that the words do not find; null when it is gone. */
  private async _one(id: string): Promise<Run | null> {
    try {
      return (await this._client.watch(id, -1, 0)).run;
    } catch (error) {
      if (error instanceof NotFound) {
        return null;
      }
      throw error;
    }
  }

  private _note(runs: readonly Run[]): void {
    runs.filter(isActive).forEach(run => this._active.set(run.id, run));
    this._changed.emit();
    this._plan();
  }

  /** Look again soon, as long as a run goes on. Sources are not asked for: they are a walk through folders. */
  private _plan(): void {
    clearTimeout(this._timer);
    if (this._active.size > 0 && !this._isDisposed) {
      const pause = document.hidden ? Math.max(HIDDEN_MS, this._pause) : this._pause;
      this._timer = setTimeout(() => void this._poll(), pause);
    }
  }

  private async _poll(): Promise<void> {
    if (this._state === 'loading') {
      this._plan();
      return;
    }
    const before = this._active.size;
    await this._attempt(async signal => {
      const query = { q: this._words, limit: this._limit };
      await this._take(await this._client.runs(query, signal), signal);
    });
    if (this._state === 'ready' && this._active.size < before) {
      // What was just profiled says so among the sources.
      await this.refresh();
    }
  }

  private readonly _client: IEdaClient;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _ended = new Signal<this, Run>(this);
  private readonly _removed = new Signal<this, string>(this);
  private readonly _typed = new Debouncer(() => this.refresh(), TYPING_MS);
  private _active = new Map<string, Run>();
  private _asking: AbortController | null = null;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _pause = BUSY_MS;
  private _isDisposed = false;
  private _state: ListState = 'idle';
  private _error: unknown = null;
  private _words = '';
  private _limit = PAGE;
  private _sources: readonly Source[] = [];
  private _sourcesTotal = 0;
  private _runs: readonly Run[] = [];
  private _runsTotal = 0;
}
