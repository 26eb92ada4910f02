// Generated from the routes of orrery_server/projects by "jlpm schemas"; change those and run it again.
import type { ServerConnection } from '@jupyterlab/services';

import { request, segment, type ICallOptions } from '../base/request';
import type { Page } from '../base/schemas';
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
} from './schemas';

/** The calls of projects, one per route of the lab's server. */
export class ProjectsCalls {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings;
  }

  /** One page of the person's projects. */
  list(query: ProjectQuery = {}, options: ICallOptions = {}): Promise<Page<Project>> {
    return request('projects', { ...options, query: { ...query } }, this._settings);
  }

  /** A new project, owned by the person. */
  create(body: ProjectIn, options: ICallOptions = {}): Promise<Project> {
    return request('projects', { ...options, method: 'POST', body }, this._settings);
  }

  /** The project that this server works in. */
  current(options: ICallOptions = {}): Promise<Current> {
    return request('projects/current', options, this._settings);
  }

  /** Work in another project, or in none; its folder is made meanwhile. */
  switch(body: CurrentIn, options: ICallOptions = {}): Promise<Current> {
    return request(
      'projects/current',
      { ...options, method: 'PUT', body },
      this._settings
    );
  }

  /** What Home shows. A hub that is away takes its part away and nothing else. */
  homePage(options: ICallOptions = {}): Promise<Home> {
    return request('projects/home', options, this._settings);
  }

  /** One project. */
  get(slug: string, options: ICallOptions = {}): Promise<Project> {
    return request(`projects/${segment(slug)}`, options, this._settings);
  }

  /** The project with another name or description; for its owners. */
  update(
    slug: string,
    body: ProjectPatch,
    options: ICallOptions = {}
  ): Promise<Project> {
    return request(
      `projects/${segment(slug)}`,
      { ...options, method: 'PATCH', body },
      this._settings
    );
  }

  /** Take a project away; its folders are left alone. */
  delete(slug: string, options: ICallOptions = {}): Promise<void> {
    return request(
      `projects/${segment(slug)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  /** The project, archived (for its owners) or pinned (for oneself) as asked. */
  shelve(slug: string, body: ShelfPatch, options: ICallOptions = {}): Promise<Project> {
    return request(
      `projects/${segment(slug)}/shelf`,
      { ...options, method: 'PATCH', body },
      this._settings
    );
  }

  /** Bring a deleted project back, with its members. */
  undelete(slug: string, options: ICallOptions = {}): Promise<Project> {
    return request(
      `projects/${segment(slug)}/undelete`,
      { ...options, method: 'POST' },
      this._settings
    );
  }

  /** Remove a deleted project for good, with its snippets; its folders are left alone. */
  purge(slug: string, options: ICallOptions = {}): Promise<void> {
    return request(
      `projects/${segment(slug)}/purge`,
      { ...options, method: 'POST' },
      this._settings
    );
  }

  /** Where a project's data and code lie, and which of it the file browser can show. */
  storage(slug: string, options: ICallOptions = {}): Promise<Storage> {
    return request(`projects/${segment(slug)}/storage`, options, this._settings);
  }

  /** One page of a project's members. */
  members(
    slug: string,
    query: MemberQuery = {},
    options: ICallOptions = {}
  ): Promise<Page<Member>> {
    return request(
      `projects/${segment(slug)}/members`,
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** Make a person a member of a project or, unless ``create_only``, give a member another role. */
  setRole(
    slug: string,
    user: string,
    body: MemberIn,
    options: ICallOptions = {}
  ): Promise<Member> {
    return request(
      `projects/${segment(slug)}/members/${segment(user)}`,
      { ...options, method: 'PUT', body },
      this._settings
    );
  }

  /** Take a member out of a project; the person leaves by the own name. */
  removeMember(slug: string, user: string, options: ICallOptions = {}): Promise<void> {
    return request(
      `projects/${segment(slug)}/members/${segment(user)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  private readonly _settings: ServerConnection.ISettings | undefined;
}
