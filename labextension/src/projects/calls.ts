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
  Project,
  ProjectIn,
  ProjectQuery
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
  choose(body: CurrentIn, options: ICallOptions = {}): Promise<Current> {
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

  /** Take a project away; its folders are left alone. */
  delete(slug: string, options: ICallOptions = {}): Promise<void> {
    return request(
      `projects/${segment(slug)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  /** One page of a project's members. */
  members(
    slug: string,
    query: ProjectQuery = {},
    options: ICallOptions = {}
  ): Promise<Page<Member>> {
    return request(
      `projects/${segment(slug)}/members`,
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** Give somebody a role in a project. */
  putMember(
    slug: string,
    user: string,
    body: MemberIn,
    options: ICallOptions = {}
  ): Promise<Member | undefined> {
    return request(
      `projects/${segment(slug)}/members/${segment(user)}`,
      { ...options, method: 'PUT', body },
      this._settings
    );
  }

  /** Take somebody out of a project. */
  removeMember(slug: string, user: string, options: ICallOptions = {}): Promise<void> {
    return request(
      `projects/${segment(slug)}/members/${segment(user)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  private readonly _settings: ServerConnection.ISettings | undefined;
}
