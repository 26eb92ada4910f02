/**
 * The client of the server's `projects` routes, in the order of its handlers.
 */
import type { ServerConnection } from '@jupyterlab/services';

import { request, type IRequest } from '../base/request';
import type { Page, Status } from '../base/schemas';
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
  Storage
} from './schemas';

/** What can be asked of the server about projects. */
export interface IProjectsClient {
  status(): Promise<Status>;
  list(query: ProjectQuery, signal?: AbortSignal): Promise<Page<Project>>;
  create(project: ProjectIn): Promise<Project>;
  current(): Promise<Current>;
  setCurrent(current: CurrentIn): Promise<Current>;
  home(signal?: AbortSignal): Promise<Home>;
  get(slug: string, signal?: AbortSignal): Promise<Project>;
  update(slug: string, patch: ProjectPatch): Promise<Project>;
  delete(slug: string): Promise<void>;
  undelete(slug: string): Promise<Project>;
  storage(slug: string, signal?: AbortSignal): Promise<Storage>;
  members(
    slug: string,
    query: MemberQuery,
    signal?: AbortSignal
  ): Promise<Page<Member>>;
  putMember(slug: string, user: string, member: MemberIn): Promise<Member>;
  removeMember(slug: string, user: string): Promise<void>;
}

// A project that becomes current for the first time has its code cloned.
const SWITCH_MS = 120_000;

/** The client of the person's own server. */
export class ProjectsClient implements IProjectsClient {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings;
  }

  status(): Promise<Status> {
    return request('status', {}, this._settings);
  }

  list(query: ProjectQuery, signal?: AbortSignal): Promise<Page<Project>> {
    return this._ask([], { query: { ...query }, signal });
  }

  create(project: ProjectIn): Promise<Project> {
    return this._ask([], { method: 'POST', body: project });
  }

  current(): Promise<Current> {
    return this._ask(['current']);
  }

  setCurrent(current: CurrentIn): Promise<Current> {
    return this._ask(['current'], {
      method: 'PUT',
      body: current,
      timeoutMs: SWITCH_MS
    });
  }

  home(signal?: AbortSignal): Promise<Home> {
    return this._ask(['home'], { signal });
  }

  get(slug: string, signal?: AbortSignal): Promise<Project> {
    return this._ask([slug], { signal });
  }

  update(slug: string, patch: ProjectPatch): Promise<Project> {
    return this._ask([slug], { method: 'PATCH', body: patch });
  }

  delete(slug: string): Promise<void> {
    return this._ask([slug], { method: 'DELETE' });
  }

  undelete(slug: string): Promise<Project> {
    return this._ask([slug, 'undelete'], { method: 'POST' });
  }

  storage(slug: string, signal?: AbortSignal): Promise<Storage> {
    return this._ask([slug, 'storage'], { signal });
  }

  members(
    slug: string,
    query: MemberQuery,
    signal?: AbortSignal
  ): Promise<Page<Member>> {
    return this._ask([slug, 'members'], { query: { ...query }, signal });
  }

  putMember(slug: string, user: string, member: MemberIn): Promise<Member> {
    return this._ask([slug, 'members', user], { method: 'PUT', body: member });
  }

  removeMember(slug: string, user: string): Promise<void> {
    return this._ask([slug, 'members', user], { method: 'DELETE' });
  }

  private _ask<T>(path: readonly string[], init?: IRequest): Promise<T> {
    const parts = ['projects', ...path].map(encodeURIComponent);
    return request<T>(parts.join('/'), init, this._settings);
  }

  private readonly _settings: ServerConnection.ISettings | undefined;
}
