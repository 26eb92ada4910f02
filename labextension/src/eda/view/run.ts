/**
 * What is known here of one run: watched while somebody looks, until it is over.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { Cancelled, NetworkDown, TimedOut } from '../../base/errors';
import type { CheckResults, Comparison, Overview, Result, Run } from '../schemas';
import type { IViewClient } from './options';
import { ColumnPages } from './pages';

/** How long the server may keep a question. */
export const WAIT_SECONDS = 20;

/** The least time between two questions: enough to follow, and no flicker. */
const PACE_MS = 250;
const RETRY_MS = [1_000, 2_000, 5_000, 15_000, 30_000];

export interface IRunModelOptions {
  client: IViewClient;
  id: string;
  paceMs?: number;
  retryMs?: readonly number[];
}

/** One run and its columns. */
export class RunModel implements IDisposable {
  constructor(options: IRunModelOptions) {
    this._client = options.client;
    this._pace = options.paceMs ?? PACE_MS;
    this._retries = options.retryMs ?? RETRY_MS;
    this.id = options.id;
    this.columns = new ColumnPages(options);
  }

  readonly id: string;
  readonly columns: ColumnPages;

  /** Emitted when there is more to see. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get run(): Run | null {
    return this._result?.run ?? null;
  }

  get overview(): Overview | null {
    return this._result?.overview ?? null;
  }

  get comparison(): Comparison | null {
    return this._result?.comparison ?? null;
  }

  get checks(): CheckResults | null {
    return this._result?.checks ?? null;
  }

  /** Whether it waits or works. */
  get active(): boolean {
    const state = this.run?.state;
    return state === 'queued' || state === 'running';
  }

  /** Whether there are results. */
  get hasResults(): boolean {
    return (this.overview ?? this.comparison ?? this.checks) !== null;
  }

  /** Why nothing can be shown. */
  get error(): unknown {
    return this._error;
  }

  /** Whether the server was out of reach at the last try. */
  get offline(): boolean {
    return this._offline;
  }

  /** Whether the person has asked to cancel it. */
  get cancelling(): boolean {
    return this._cancelling && this.active;
  }

  get isDisposed(): boolean {
    return this._disposed;
  }

  dispose(): void {
    this._disposed = true;
    this.pause();
    this.columns.dispose();
    Signal.clearData(this);
  }

  /** The name of a column of the table. */
  name(index: number): string {
    return (
      this.columns.column(index)?.name ?? this.overview?.names[index] ?? `${index + 1}`
    );
  }

  /** Whether the name of a column is known. */
  knows(index: number): boolean {
    return Boolean(this.columns.column(index) ?? this.overview?.names[index]);
  }

  /** Watch the run from now on. */
  resume(): void {
    if (!this._watching && !this._disposed && (this.active || !this._result)) {
      this._watching = new AbortController();
      void this._watch(this._watching.signal);
    }
  }

  /** Ask no more: nobody looks. */
  pause(): void {
    this._watching?.abort();
    this._watching = null;
  }

  /** Ask at once, after a failure. */
  retry(): void {
    this.pause();
    this._error = null;
    this._changed.emit();
    this.resume();
  }

  /** End the run; what it has found so far stays. */
  async cancel(): Promise<void> {
    this._cancelling = true;
    this._changed.emit();
    try {
      const run = await this._client.cancel(this.id);
      this._take({ ...(this._result ?? NO_RESULT), run });
    } finally {
      this._cancelling = false;
      this._changed.emit();
    }
  }

  private async _watch(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const began = Date.now();
      try {
        const after = this.run?.revision ?? -1;
        const wait = this._result ? WAIT_SECONDS : 0;
        const result = await this._client.watch(this.id, after, wait, signal);
        if (signal.aborted) {
          return;
        }
        failures = 0;
        this._offline = false;
        this._error = null;
        this._take(result);
      } catch (error) {
        if (signal.aborted || error instanceof Cancelled) {
          return;
        }
        if (!(error instanceof NetworkDown || error instanceof TimedOut)) {
          this._stop(error);
          return;
        }
        this._offline = true;
        this._changed.emit();
        await pause(
          this._retries[Math.min(failures++, this._retries.length - 1)],
          signal
        );
      }
      if (!this.active && !this._offline) {
        this._watching = null;
        return;
      }
      await pause(this._pace - (Date.now() - began), signal);
    }
  }

  private _stop(error: unknown): void {
    this._watching = null;
    this._error = error;
    this._offline = false;
    this._changed.emit();
  }

  private _take(result: Result): void {
    const before = this._result ?? NO_RESULT;
    const { run, overview = null, comparison = null, checks = null } = result;
    // What has not changed is left out of the answer.
    this._result = {
      run,
      overview: overview ?? before.overview,
      comparison: comparison ?? before.comparison,
      checks: checks ?? before.checks
    };
    this.columns.refine(run.revision, overview?.columns ?? run.columns ?? 0);
    this._changed.emit();
  }

  private readonly _client: IViewClient;
  private readonly _pace: number;
  private readonly _retries: readonly number[];
  private readonly _changed = new Signal<this, void>(this);
  private _result: Result | null = null;
  private _error: unknown = null;
  private _offline = false;
  private _cancelling = false;
  private _watching: AbortController | null = null;
  private _disposed = false;
}

const NO_RESULT = { overview: null, comparison: null, checks: null };

/** Some time, or until the signal. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (ms <= 0 || signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
