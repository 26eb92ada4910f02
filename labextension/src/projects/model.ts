/**
 * What this lab knows of its projects.
 */
import { PromiseDelegate } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import type { IProjectsClient } from './api';
import type { Home, Project, ProjectIn } from './schemas';
import type { IProjects, ProjectState } from './tokens';

const LIST_LIMIT = 200;

/** The current project, and the way to every other. */
export class ProjectsModel implements IProjects, IDisposable {
  constructor(client: IProjectsClient) {
    this._client = client;
  }

  get ready(): Promise<void> {
    return this._ready.promise;
  }

  get current(): Project | null {
    return this._current;
  }

  get state(): ProjectState {
    return this._state;
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
    Signal.clearData(this);
  }

  async refresh(): Promise<void> {
    const turn = ++this._turn;
    // What is known stays on the screen while it is asked for again.
    if (this._state !== 'ready') {
      this._become('loading', this._current, null);
    }
    try {
      const { project } = await this._client.current();
      this._settle(turn, 'ready', project, null);
    } catch (error) {
      this._settle(turn, 'failed', this._current, error);
    }
  }

  async setCurrent(slug: string | null): Promise<Project | null> {
    const { project } = await this._client.setCurrent({ slug });
    this._settle(++this._turn, 'ready', project, null);
    return project;
  }

  async list(q = '', signal?: AbortSignal): Promise<readonly Project[]> {
    const page = await this._client.list({ q, limit: LIST_LIMIT }, signal);
    return page.items;
  }

  create(project: ProjectIn): Promise<Project> {
    return this._client.create(project);
  }

  /** What Home shows. */
  home(signal?: AbortSignal): Promise<Home> {
    return this._client.home(signal);
  }

  /** The server is gone: what is known may be old. */
  lost(error: unknown): void {
    this._settle(++this._turn, 'failed', this._current, error);
  }

  /** An answer to a question that was asked again since is not news. */
  private _settle(
    turn: number,
    state: ProjectState,
    current: Project | null,
    error: unknown
  ): void {
    if (turn !== this._turn || this._isDisposed) {
      return;
    }
    this._become(state, current, error);
    this._ready.resolve();
  }

  private _become(state: ProjectState, current: Project | null, error: unknown): void {
    this._state = state;
    this._current = current;
    this._error = error;
    this._changed.emit();
  }

  private readonly _client: IProjectsClient;
  private readonly _changed = new Signal<this, void>(this);
  private readonly _ready = new PromiseDelegate<void>();
  private _current: Project | null = null;
  private _error: unknown = null;
  private _isDisposed = false;
  private _state: ProjectState = 'idle';
  private _turn = 0;
}
