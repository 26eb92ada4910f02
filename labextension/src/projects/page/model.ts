/**
 * What the page of one project knows.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { Signal, type ISignal } from '@lumino/signaling';

import { NotFound } from '../../base/errors';
import { ListModel } from '../../base/panel/listmodel';
import type { Status } from '../../base/schemas';
import { isEqual, type ProjectsModel } from '../model';
import { rightsIn, type IRights } from '../rights';
import type {
  Member,
  Project,
  ProjectPatch,
  ShelfPatch,
  Role,
  StoragePlace
} from '../schemas';
import type { ProjectState } from '../tokens';

const PAGE_SIZE = 50;

/** One project with its members and places, and the projects that can be brought back. */
export class ProjectPageModel implements IDisposable {
  constructor(
    readonly projects: ProjectsModel,
    readonly slug: string
  ) {
    this.members = new ListModel<Member, { q: string }>({
      load: (query, signal) => projects.client.members(slug, query, { signal }),
      keyOf: ({ user }) => user,
      nameOf: ({ user }) => user,
      pageSize: PAGE_SIZE
    });
    this.members.changed.connect(() => {
      this._countOwners();
      this._changed.emit();
    });
    this._shown = projects.current;
    projects.edited.connect(this._onEdited, this);
    projects.changed.connect(this._onChanged, this);
  }

  readonly members: ListModel<Member, { q: string }>;
  project: Project | null = null;
  places: readonly StoragePlace[] = [];
  deleted: readonly Project[] = [];
  status: Status | null = null;
  state: ProjectState = 'idle';
  error: unknown = null;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get isOwner(): boolean {
    return this.project?.role === 'owner';
  }

  /** Whether the person is its only owner, as far as the members are known. */
  get isLastOwner(): boolean {
    return this.isOwner && this._isLastOwner;
  }

  /** What the person may do with the project. */
  rights(trans: TranslationBundle): IRights {
    return rightsIn(
      this.project ?? { role: 'viewer', slug: this.slug },
      { hub: this.status?.hub ?? null, isLastOwner: this.isLastOwner },
      trans
    );
  }

  /** Whether the project does not exist for this person: deleted, left, or never there. */
  get isGone(): boolean {
    return this.state === 'failed' && this.error instanceof NotFound;
  }

  dispose(): void {
    this._isDisposed = true;
    this._abort?.abort();
    this.members.dispose();
    Signal.clearData(this);
  }

  /** Ask the server for everything; a question that is under way is dropped. */
  async refresh(): Promise<void> {
    this._abort?.abort();
    const { signal } = (this._abort = new AbortController());
    const { client } = this.projects;
    this._set(signal, { state: this.project ? 'ready' : 'loading' });
    const deleted = this.projects.listDeleted(signal).catch(() => []);
    void this.members.refresh({ quiet: true });
    try {
      const [status, project, { places }] = await Promise.all([
        this.projects.status(),
        client.get(this.slug, { signal }),
        client.storage(this.slug, { signal })
      ]);
      const isLastOwner = await this._isOnlyOwner(project, status);
      if (!signal.aborted) {
        this._isLastOwner = isLastOwner;
      }
      this._set(signal, { state: 'ready', status, project, places, error: null });
    } catch (error) {
      this._set(signal, { state: 'failed', error });
    }
    this._set(signal, { deleted: await deleted });
  }

  /** Load the next page of members. */
  showMore(): void {
    this.members.setVisible(0, this.members.items.length);
  }

  update(patch: ProjectPatch): Promise<Project> {
    return this.projects.update(this.slug, patch);
  }

  /** Archive or restore the project for all, or pin it for the person. */
  async shelve(change: ShelfPatch): Promise<void> {
    await this.projects.client.shelve(this.slug, change);
    await Promise.all([this.refresh(), this.projects.refresh()]);
  }

  /** The member of that name; undefined when the person is none. */
  findMember(user: string): Promise<Member | undefined> {
    return this.projects.findMember(this.slug, user);
  }

  /** Make a person a member, with a role. */
  invite(user: string, role: Role): Promise<Member> {
    return this.projects.invite(this.slug, user, role);
  }

  /** Give a member another role: shown at once, and taken back if the server refuses. */
  setRole(user: string, role: Role): Promise<Member> {
    return this.members.change(
      user,
      member => ({ ...member, role }),
      () => this.projects.setRole(this.slug, user, role)
    );
  }

  removeMember(user: string): Promise<void> {
    return this.projects.removeMember(this.slug, user);
  }

  private readonly _onEdited = (): void => void this.refresh();

  /** What failed while the server was gone is asked again once it is back. */
  private readonly _onChanged = (): void => {
    const { current, state } = this.projects;
    const before = this._shown;
    this._shown = current;
    const isNews =
      [before?.slug, current?.slug].includes(this.slug) && !isEqual(before, current);
    const isBack = state === 'ready' && this.state === 'failed' && !this.isGone;
    // Another role, another name, a removal: the rest of the page is old then too.
    if (isBack || (isNews && this.state !== 'idle')) {
      void this.refresh();
    } else {
      this._changed.emit();
    }
  };

  /** Look for other owners, unless only a part of the members is known. */
  private _countOwners(): void {
    const { items, query, total } = this.members;
    if (!query.q && items.length > 0 && items.length === total) {
      this._isLastOwner = items.filter(({ role }) => role === 'owner').length === 1;
    }
  }

  /** Whether there is no other owner; asked where the first members do not tell. */
  private async _isOnlyOwner(project: Project, { hub }: Status): Promise<boolean> {
    return hub && project.role === 'owner' && project.members > PAGE_SIZE
      ? this.projects.isLastOwner(this.slug)
      : this._isLastOwner;
  }

  private _set(signal: AbortSignal, change: Partial<ProjectPageModel>): void {
    if (!signal.aborted) {
      Object.assign(this, change);
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _abort: AbortController | undefined;
  private _isDisposed = false;
  private _isLastOwner = false;
  /** The current project when this page was drawn last. */
  private _shown: Project | null = null;
}
