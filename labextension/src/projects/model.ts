/**
 * What this lab knows of its projects.
 */
import { PromiseDelegate } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { NotFound } from '../base/errors';
import type { Status } from '../base/schemas';
import type { IProjectsClient } from './client';
import type {
  Member,
  Project,
  ProjectIn,
  ProjectPatch,
  Role,
  Storage
} from './schemas';
import type { IProjects, ProjectState } from './tokens';

const LIST_LIMIT = 200;
const MEMBER_LIMIT = 200;

/** The current project, and what can be done with every other. */
export class ProjectsModel implements IProjects, IDisposable {
  constructor(client: IProjectsClient) {
    this.client = client;
  }

  readonly client: IProjectsClient;

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

  get currentChanged(): ISignal<this, Project | null> {
    return this._currentChanged;
  }

  /** Emitted with the slug of a project that was changed here, or whose members were. */
  get edited(): ISignal<this, string> {
    return this._edited;
  }

  /** Emitted with the project that this lab worked in when the person is no longer in it. */
  get lost(): ISignal<this, Project> {
    return this._lost;
  }

  /** Whether a hub runs this server; null before it was asked. */
  get hub(): boolean | null {
    return this._status?.hub ?? null;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  storage(slug: string): Promise<Storage> {
    return this.client.storage(slug);
  }

  async refresh(): Promise<void> {
    // What is known stays on the screen while it is asked for again.
    if (this._state !== 'ready') {
      this._update('loading', this._current, null);
    }
    await this._ask(false);
  }

  /** Ask the server whether anything changed; `changed` is emitted only if so. */
  async check(): Promise<void> {
    await this._ask(true);
  }

  async setCurrent(slug: string | null): Promise<Project | null> {
    const { project } = await this.client.switch({ slug });
    this._settle(++this._turn, 'ready', project, null);
    return project;
  }

  async list(q = '', signal?: AbortSignal): Promise<readonly Project[]> {
    const page = await this.client.list({ q, limit: LIST_LIMIT }, { signal });
    return page.items;
  }

  /** The deleted projects that the person may bring back. */
  async listDeleted(signal?: AbortSignal): Promise<readonly Project[]> {
    const page = await this.client.list(
      { deleted: true, limit: LIST_LIMIT },
      { signal }
    );
    return page.items;
  }

  get(slug: string, signal?: AbortSignal): Promise<Project> {
    return this.client.get(slug, { signal });
  }

  create(project: ProjectIn): Promise<Project> {
    return this.client.create(project);
  }

  update(slug: string, patch: ProjectPatch): Promise<Project> {
    return this._edit(slug, this.client.update(slug, patch));
  }

  delete(slug: string): Promise<void> {
    this._givenUp.add(slug);
    return this._edit(slug, this.client.delete(slug));
  }

  undelete(slug: string): Promise<Project> {
    this._givenUp.delete(slug);
    return this._edit(slug, this.client.undelete(slug));
  }

  purge(slug: string): Promise<void> {
    return this._edit(slug, this.client.purge(slug));
  }

  async leave(slug: string): Promise<void> {
    const { user } = await this.status();
    this._givenUp.add(slug);
    await this.removeMember(slug, user);
  }

  /** Make a person a member who is none yet; a member keeps the role, and it is a conflict. */
  invite(slug: string, user: string, role: Role): Promise<Member> {
    const body = { role, create_only: true };
    return this._edit(slug, this.client.setRole(slug, user, body));
  }

  /** Whether the person is the only owner of a project; asks for its members, page by page. */
  async isLastOwner(slug: string): Promise<boolean> {
    const { user: me } = await this.status();
    let isOwner = false;
    for (let offset = 0, total = 1; offset < total; offset += MEMBER_LIMIT) {
      const page = await this.client.members(slug, { offset, limit: MEMBER_LIMIT });
      const owners = page.items.filter(({ role }) => role === 'owner');
      if (owners.some(({ user }) => user !== me)) {
        return false;
      }
      isOwner ||= owners.length > 0;
      ({ total } = page);
    }
    return isOwner;
  }

  /** The member of that name; undefined when the person is none. */
  async findMember(slug: string, user: string): Promise<Member | undefined> {
    const { items } = await this.client.members(slug, { q: user, limit: MEMBER_LIMIT });
    return items.find(member => member.user === user);
  }

  /** Make a person a member, or give a member another role. */
  setRole(slug: string, user: string, role: Role): Promise<Member> {
    return this._edit(slug, this.client.setRole(slug, user, { role }));
  }

  removeMember(slug: string, user: string): Promise<void> {
    return this._edit(slug, this.client.removeMember(slug, user));
  }

  /** Who the person is, and whether a hub runs this server; asked once. */
  async status(): Promise<Status> {
    return (this._status ??= await this.client.status());
  }

  /** The server is gone: what is known may be old. */
  disconnect(error: unknown): void {
    this._settle(++this._turn, 'failed', this._current, error);
  }

  /** The result of a change, once everybody who shows the project knows of it. */
  private async _edit<T>(slug: string, change: Promise<T>): Promise<T> {
    const result = await change;
    if (!this._isDisposed) {
      this._edited.emit(slug);
      void this.refresh();
    }
    return result;
  }

  private async _ask(isQuiet: boolean): Promise<void> {
    const turn = ++this._turn;
    const before = this._current;
    try {
      const { project } = await this.client.current();
      this._settle(turn, 'ready', project, null, isQuiet);
    } catch (error) {
      this._settle(turn, 'failed', before, error, isQuiet);
    }
    const isOther = before !== null && before.slug !== this._current?.slug;
    if (isOther && turn === this._turn && this._state === 'ready') {
      await this._noteLoss(before);
    }
  }

  /** Tell a project that was taken away from one that was left for another. */
  private async _noteLoss(before: Project): Promise<void> {
    if (this._givenUp.has(before.slug)) {
      return;
    }
    try {
      await this.client.get(before.slug);
    } catch (error) {
      // Whatever else fails says nothing about the project.
      if (error instanceof NotFound && !this._isDisposed) {
        this._lost.emit(before);
      }
    }
  }

  /** Take an answer, unless another question was asked since. */
  private _settle(
    turn: number,
    state: ProjectState,
    current: Project | null,
    error: unknown,
    isQuiet = false
  ): void {
    if (turn !== this._turn || this._isDisposed) {
      return;
    }
    const isSame = state === this._state && isEqual(current, this._current);
    if (!isQuiet || !isSame) {
      this._update(state, current, error);
    }
    this._ready.resolve();
  }

  private _update(state: ProjectState, current: Project | null, error: unknown): void {
    const isOther = current?.slug !== this._current?.slug;
    this._state = state;
    this._current = current;
    this._error = error;
    this._changed.emit();
    if (isOther) {
      this._currentChanged.emit(current);
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private readonly _currentChanged = new Signal<this, Project | null>(this);
  private readonly _edited = new Signal<this, string>(this);
  private readonly _lost = new Signal<this, Project>(this);
  /** The projects that were left or deleted here: that is no news. */
  private readonly _givenUp = new Set<string>();
  private readonly _ready = new PromiseDelegate<void>();
  private _current: Project | null = null;
  private _error: unknown = null;
  private _isDisposed = false;
  private _state: ProjectState = 'idle';
  private _status: Status | undefined;
  private _turn = 0;
}

/** Whether two answers of the server, with fields in one order, are the same. */
export function isEqual(before: Project | null, after: Project | null): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
