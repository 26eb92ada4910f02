/**
 * What other parts of the lab may ask of the projects.
 */
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { Project, ProjectIn, Storage } from './schemas';

/** What is known of the current project: nothing yet, loading, known, or failed. */
export type ProjectState = 'idle' | 'loading' | 'ready' | 'failed';

/** The project that this lab works in, and the ones that it could work in. */
export interface IProjects {
  /** Resolves when the current project is known, or cannot be: it never rejects. */
  readonly ready: Promise<void>;
  /** The current project; null before it is known, and outside every project. */
  readonly current: Project | null;
  readonly state: ProjectState;
  /** Why the current project is not known. */
  readonly error: unknown;
  /** Emitted whenever `current`, `state` or `error` may have changed. */
  readonly changed: ISignal<IProjects, void>;
  /** Emitted when another project has become the current one, or none has. */
  readonly currentChanged: ISignal<IProjects, Project | null>;

  /** Work in a project from now on; null leaves every project. */
  setCurrent(slug: string | null): Promise<Project | null>;
  /** The person's projects whose name, slug or description has all words of `q`. */
  list(q?: string, signal?: AbortSignal): Promise<readonly Project[]>;
  /** One project of the person. */
  get(slug: string, signal?: AbortSignal): Promise<Project>;
  /** Where a project's data and code lie. */
  storage(slug: string): Promise<Storage>;
  /** Make a project; the current one stays. */
  create(project: ProjectIn): Promise<Project>;
  /** Take a project away from all its members; an owner can bring it back. */
  delete(slug: string): Promise<void>;
  /** Bring a deleted project back. */
  undelete(slug: string): Promise<Project>;
  /** Remove a deleted project permanently. */
  purge(slug: string): Promise<void>;
  /** Give up the person's own membership. */
  leave(slug: string): Promise<void>;
  /** Ask the server again. */
  refresh(): Promise<void>;
}

/** The token of the projects. */
export const IProjects = new Token<IProjects>(
  '@orrery/labextension:IProjects',
  'A service that knows the current project and the ones to choose from.'
);
