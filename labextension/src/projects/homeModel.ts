/**
 * What Home knows, and how it came to know it.
 */
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { Home } from './schemas';
import type { IProjects, ProjectState } from './tokens';

/** Home's data; it is asked for again whenever the current project is. */
export class HomeModel implements IDisposable {
  constructor(projects: IProjects, ask: (signal: AbortSignal) => Promise<Home>) {
    this._ask = ask;
    this._projects = projects;
    projects.changed.connect(this._follow, this);
  }

  get state(): ProjectState {
    return this._state;
  }

  get home(): Home | null {
    return this._home;
  }

  get error(): unknown {
    return this._error;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._stop?.abort();
    Signal.clearData(this);
  }

  /** Ask the server; a question that is under way is dropped. */
  async refresh(): Promise<void> {
    this._stop?.abort();
    const stop = (this._stop = new AbortController());
    this._become(this._home ? 'ready' : 'loading', null);
    try {
      const home = await this._ask(stop.signal);
      if (!stop.signal.aborted) {
        this._home = home;
        this._become('ready', null);
      }
    } catch (error) {
      if (!stop.signal.aborted) {
        this._become('failed', error);
      }
    }
  }

  /** Ask for the current project too: what is wrong may be wrong with both. */
  async retry(): Promise<void> {
    await this._projects.refresh();
  }

  private readonly _follow = (): void => {
    if (this._projects.state === 'ready') {
      void this.refresh();
    } else if (this._projects.state === 'failed') {
      this._stop?.abort();
      this._become('failed', this._projects.error);
    }
  };

  private _become(state: ProjectState, error: unknown): void {
    this._state = state;
    this._error = error;
    this._changed.emit();
  }

  private readonly _ask: (signal: AbortSignal) => Promise<Home>;
  private readonly _changed = new Signal<this, void>(this);
  private _error: unknown = null;
  private _home: Home | null = null;
  private _isDisposed = false;
  private readonly _projects: IProjects;
  private _state: ProjectState = 'idle';
  private _stop: AbortController | undefined;
}
