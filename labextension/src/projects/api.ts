/**
 * The browser's end of the projects' wire, in the order of the server's handlers.
 */
import type { ServerConnection } from '@jupyterlab/services';

import { request } from '../base/request';
import type { Page } from '../base/schemas';
import type {
  Current,
  CurrentIn,
  Home,
  Project,
  ProjectIn,
  ProjectQuery
} from './schemas';

/** What can be asked of the server about projects. */
export interface IProjectsClient {
  list(query: ProjectQuery, signal?: AbortSignal): Promise<Page<Project>>;
  create(project: ProjectIn): Promise<Project>;
  current(): Promise<Current>;
  setCurrent(current: CurrentIn): Promise<Current>;
  home(signal?: AbortSignal): Promise<Home>;
}

/** The client of the person's own server. */
export class ProjectsClient implements IProjectsClient {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings;
  }

  list(query: ProjectQuery, signal?: AbortSignal): Promise<Page<Project>> {
    return request<Page<Project>>(
      'projects',
      { query: { ...query }, signal },
      this._settings
    );
  }

  create(project: ProjectIn): Promise<Project> {
    return request<Project>(
      'projects',
      { method: 'POST', body: project },
      this._settings
    );
  }

  current(): Promise<Current> {
    return request<Current>('projects/current', {}, this._settings);
  }

  setCurrent(current: CurrentIn): Promise<Current> {
    return request<Current>(
      'projects/current',
      { method: 'PUT', body: current, timeoutMs: SWITCH_MS },
      this._settings
    );
  }

  home(signal?: AbortSignal): Promise<Home> {
    return request<Home>('projects/home', { signal }, this._settings);
  }

  private readonly _settings: ServerConnection.ISettings | undefined;
}

// A project that becomes current for the first time has its code cloned.
const SWITCH_MS = 120_000;
