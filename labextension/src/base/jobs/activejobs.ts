/**
 * Long jobs of the server that are under way: followed until they end, over a reload of the page.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

export interface IActiveJobsOptions<T> {
  isActive: (job: T) => boolean;
  /** All jobs that are under way. */
  load: () => Promise<readonly T[]>;
  /** A job that no longer is, in its last state; null if it was deleted. */
  loadEnded: (job: T) => Promise<T | null>;
}

const POLL_MS = 1_000;
const HIDDEN_POLL_MS = 10_000;
const SLOWEST_POLL_MS = 30_000;

/** Asks for active jobs each second while there are any; more seldom while the page is hidden or the server away. */
export class ActiveJobs<T extends { readonly id: string }> implements IDisposable {
  constructor(private readonly options: IActiveJobsOptions<T>) {}

  /** Emitted when jobs started, went on or ended. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Emitted with each job that was loaded again. */
  get updated(): ISignal<this, T> {
    return this._updated;
  }

  /** Emitted with a job that was under way and has ended. */
  get ended(): ISignal<this, T> {
    return this._ended;
  }

  /** Emitted with the id of a job that was under way and was deleted elsewhere. */
  get lost(): ISignal<this, string> {
    return this._lost;
  }

  /** Emitted when the jobs could not be loaded. */
  get failed(): ISignal<this, unknown> {
    return this._failed;
  }

  get items(): readonly T[] {
    return [...this._jobs.values()];
  }

  find(id: string): T | undefined {
    return this._jobs.get(id);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._timer);
    Signal.clearData(this);
  }

  /** Take note of jobs in their present state, as a list has them. */
  note(jobs: readonly T[]): void {
    const before = this._jobs.size;
    const ended: T[] = [];
    for (const job of jobs) {
      if (this.options.isActive(job)) {
        this._jobs.set(job.id, job);
      } else if (this._jobs.delete(job.id)) {
        ended.push(job);
        this._endedMeanwhile.forEach(ids => ids.add(job.id));
      }
    }
    this._schedule();
    ended.forEach(job => this._ended.emit(job));
    if (before !== this._jobs.size) {
      this._changed.emit();
    }
  }

  /** Follow a job no longer. */
  forget(id: string): void {
    this._endedMeanwhile.forEach(ids => ids.add(id));
    if (this._jobs.delete(id)) {
      this._changed.emit();
    }
  }

  /** Load the jobs that are under way, and the end of those that no longer are. */
  async update(): Promise<void> {
    const current = await this._loadActive();
    const ids = new Set(current.map(({ id }) => id));
    const missing = this.items.filter(({ id }) => !ids.has(id));
    const ended = await Promise.all(missing.map(job => this.options.loadEnded(job)));
    const jobs = [...current, ...ended.flatMap(job => job ?? [])];
    missing.forEach(({ id }, index) => {
      if (ended[index] === null) {
        this._jobs.delete(id);
        this._lost.emit(id);
      }
    });
    jobs.forEach(job => this._updated.emit(job));
    this.note(jobs);
    this._changed.emit();
  }

  /** The jobs that are under way, without those that ended while the answer was on its way. */
  private async _loadActive(): Promise<readonly T[]> {
    const ended = new Set<string>();
    this._endedMeanwhile.add(ended);
    try {
      const jobs = await this.options.load();
      return jobs.filter(({ id }) => !ended.has(id));
    } finally {
      this._endedMeanwhile.delete(ended);
    }
  }

  private _schedule(): void {
    clearTimeout(this._timer);
    if (this._jobs.size > 0 && !this._isDisposed) {
      const wait = document.hidden ? HIDDEN_POLL_MS : POLL_MS;
      const poll = (): void => void this._poll();
      this._timer = setTimeout(poll, Math.max(wait, this._failureWait));
    }
  }

  private async _poll(): Promise<void> {
    try {
      await this.update();
      this._failureWait = 0;
    } catch (error) {
      const wait = 2 * Math.max(this._failureWait, POLL_MS);
      this._failureWait = Math.min(SLOWEST_POLL_MS, wait);
      this._failed.emit(error);
    }
    this._schedule();
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _updated = new Signal<this, T>(this);
  private readonly _ended = new Signal<this, T>(this);
  private readonly _lost = new Signal<this, string>(this);
  private readonly _failed = new Signal<this, unknown>(this);
  private readonly _jobs = new Map<string, T>();
  /** For each answer that is on its way, the ids of jobs that ended since it was asked for. */
  private readonly _endedMeanwhile = new Set<Set<string>>();
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _failureWait = 0;
  private _isDisposed = false;
}
