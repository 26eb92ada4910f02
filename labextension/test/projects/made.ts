/**
 * Projects and a server of them, for tests.
 */
import { toError } from '../../src/base/errors';
import type { Page } from '../../src/base/schemas';
import type { IProjectsClient } from '../../src/projects/api';
import type {
  Current,
  CurrentIn,
  Home,
  Project,
  ProjectIn,
  ProjectQuery
} from '../../src/projects/schemas';

const WHEN = '2026-11-21T00:00:00Z';

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
    ...more
  };
}

/** A server in memory that can be told to fail. */
export class MemoryClient implements IProjectsClient {
  constructor(...projects: Project[]) {
    this.projects = projects;
  }

  projects: Project[];
  now: Project | null = null;
  error: Error | null = null;
  asked: string[] = [];

  list(query: ProjectQuery): Promise<Page<Project>> {
    return this._answer('list', () => {
      const items = this.projects.filter(one => one.name.includes(query.q ?? ''));
      return { items, total: items.length, offset: 0, limit: query.limit ?? 50 };
    });
  }

  create(made: ProjectIn): Promise<Project> {
    return this._answer('create', () => {
      if (this.projects.some(one => one.slug === made.slug)) {
        throw toError({ code: 'conflict', message: 'Taken' });
      }
      const created = project(made.slug, { name: made.name, role: 'owner' });
      this.projects.push(created);
      return created;
    });
  }

  current(): Promise<Current> {
    return this._answer('current', () => ({ project: this.now }));
  }

  setCurrent({ slug }: CurrentIn): Promise<Current> {
    return this._answer('setCurrent', () => {
      this.now = this.projects.find(one => one.slug === slug) ?? null;
      return { project: this.now };
    });
  }

  home(): Promise<Home> {
    return this._answer('home', () => ({
      user: 'ada',
      hub: true,
      project: this.now,
      links: [],
      recent: []
    }));
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
