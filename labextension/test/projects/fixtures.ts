/**
 * Projects and a server of them, for tests.
 */
import { toError } from '../../src/base/errors';
import type { Page, Status } from '../../src/base/schemas';
import type { IProjectsClient } from '../../src/projects/client';
import type {
  Current,
  CurrentIn,
  Home,
  Member,
  MemberIn,
  MemberQuery,
  Project,
  ProjectIn,
  ProjectPatch,
  ProjectQuery,
  ShelfPatch,
  Storage
} from '../../src/projects/schemas';

export const WHEN = '2026-11-21T00:00:00Z';

export function project(slug: string, more: Partial<Project> = {}): Project {
  return {
    slug,
    name: `Project ${slug}`,
    description: '',
    role: 'editor',
    members: 2,
    lake: '',
    repository: '',
    created: WHEN,
    updated: WHEN,
    deleted: null,
    purge_after: null,
    archived: null,
    category: null,
    labels: [],
    links: [],
    pinned: false,
    ...more
  };
}

export function member(user: string, role: Member['role'] = 'editor'): Member {
  return { user, role, since: WHEN };
}

/** A server in memory, of the person `ada`; `error` makes it fail. */
export class MemoryClient implements IProjectsClient {
  constructor(...projects: Project[]) {
    this.projects = projects;
  }

  projects: Project[];
  people: Member[] = [member('ada', 'owner')];
  hub = true;
  now: Project | null = null;
  error: Error | null = null;
  asked: string[] = [];

  status(): Promise<Status> {
    const { hub } = this;
    return Promise.resolve({
      version: '1',
      hub,
      user: 'ada',
      capabilities: [],
      off: []
    });
  }

  list({ q = '', deleted = false, limit = 50 }: ProjectQuery): Promise<Page<Project>> {
    return this._answer('list', () => {
      const items = this.projects.filter(
        ({ name, deleted: when }) => name.includes(q) && (when !== null) === deleted
      );
      return { items, total: items.length, offset: 0, limit };
    });
  }

  create({ name, slug }: ProjectIn): Promise<Project> {
    return this._answer('create', () => {
      if (this.projects.some(other => other.slug === slug)) {
        throw toError({ code: 'conflict', message: 'Taken' });
      }
      const created = project(slug, { name, role: 'owner' });
      this.projects.push(created);
      return created;
    });
  }

  current(): Promise<Current> {
    return this._answer('current', () => ({ project: this.now }));
  }

  switch({ slug }: CurrentIn): Promise<Current> {
    return this._answer('setCurrent', () => {
      this.now = this.projects.find(other => other.slug === slug) ?? null;
      return { project: this.now };
    });
  }

  homePage(): Promise<Home> {
    return this._answer('home', () => ({
      user: 'ada',
      hub: true,
      project: this.now,
      links: [],
      recent: []
    }));
  }

  get(slug: string): Promise<Project> {
    return this._answer('get', () => this._find(slug));
  }

  update(slug: string, patch: ProjectPatch): Promise<Project> {
    return this._answer('update', () => Object.assign(this._find(slug), patch));
  }

  shelve(slug: string, { archived, pinned }: ShelfPatch): Promise<Project> {
    return this._answer('shelve', () => {
      const match = this._find(slug);
      match.pinned = pinned ?? match.pinned;
      match.archived = (archived ?? match.archived) ? WHEN : null;
      return match;
    });
  }

  delete(slug: string): Promise<void> {
    return this._answer('delete', () => {
      this._find(slug).deleted = WHEN;
    });
  }

  undelete(slug: string): Promise<Project> {
    return this._answer('undelete', () => {
      const deleted = this.projects.find(other => other.slug === slug);
      return Object.assign(deleted ?? {}, { deleted: null }) as Project;
    });
  }

  purge(slug: string): Promise<void> {
    return this._answer('purge', () => {
      this.projects = this.projects.filter(other => other.slug !== slug);
    });
  }

  storage(slug: string): Promise<Storage> {
    return this._answer('storage', () => ({
      places: [
        { kind: 'lake', location: `/lakes/${slug}`, path: `${slug}/lake` },
        { kind: 'repository', location: `https://git.example.org/${slug}`, path: null }
      ]
    }));
  }

  members(_: string, query: MemberQuery): Promise<Page<Member>> {
    const { limit = 50, offset = 0, q = '' } = query;
    return this._answer('members', () => {
      const all = this.people.filter(({ user }) => user.includes(q));
      const items = all.slice(offset, offset + limit);
      return { items, total: all.length, offset, limit };
    });
  }

  setRole(_: string, user: string, body: MemberIn): Promise<Member> {
    const { role, create_only: createOnly } = body;
    return this._answer('setRole', () => {
      if (createOnly && this.people.some(other => other.user === user)) {
        throw toError({ code: 'conflict', message: `'${user}' is a member already` });
      }
      const put = member(user, role);
      this.people = [...this.people.filter(other => other.user !== user), put];
      return put;
    });
  }

  removeMember(_: string, user: string): Promise<void> {
    return this._answer('removeMember', () => {
      this.people = this.people.filter(other => other.user !== user);
    });
  }

  private _find(slug: string): Project {
    const match = this.projects.find(other => other.slug === slug && !other.deleted);
    if (!match) {
      throw toError({ code: 'not_found', message: `There is no project "${slug}"` });
    }
    return match;
  }

  private async _answer<T>(name: string, make: () => T): Promise<T> {
    this.asked.push(name);
    await Promise.resolve();
    if (this.error) {
      throw this.error;
    }
    return make();
  }
}
