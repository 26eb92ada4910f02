/**
 * What can be asked of the server about projects.
 */
import { request, type ICallOptions } from '../base/request';
import type { Status } from '../base/schemas';
import { ProjectsCalls } from './calls';
import type { Current, CurrentIn } from './schemas';

// A project that becomes current for the first time has its code cloned.
const SWITCH_MS = 120_000;

/** The client of the person's own server. */
export class ProjectsClient extends ProjectsCalls {
  /** Who the person is, and whether a hub runs the server. */
  status(): Promise<Status> {
    return request('status');
  }

  override switch(body: CurrentIn, options: ICallOptions = {}): Promise<Current> {
    return super.switch(body, { timeoutMs: SWITCH_MS, ...options });
  }
}

/** The calls that the models need. */
export type IProjectsClient = Pick<ProjectsClient, keyof ProjectsClient>;
