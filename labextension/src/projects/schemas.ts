// Generated from the shapes of orrery_server/projects by "jlpm schemas"; change those and run it again.
import type { ServiceLink } from '../base/shared/schemas';

export type { ServiceLink };

export type Role = 'owner' | 'editor' | 'viewer';

/** Whether a project is archived, for all, or pinned, for the person who asks; null leaves it as it is. */
export interface ShelfPatch {
  archived?: boolean | null;
  pinned?: boolean | null;
}

/** A project to create. */
export interface ProjectIn {
  slug: string;
  name: string;
  description?: string;
}

/** What to change of a project; a field that is not sent is left as it is. */
export interface ProjectPatch {
  category?: string | null;
  labels?: readonly string[] | null;
  links?: readonly ServiceLink[] | null;
  name?: string | null;
  description?: string | null;
}

/** One project member. */
export interface Member {
  user: string;
  role: Role;
  since: string;
}

/** The role to give a person in a project. */
export interface MemberIn {
  role: Role;
  /** True invites: a person who is a member already keeps the role, and it is a conflict. */
  create_only?: boolean;
}

/** Which projects, which page. */
export interface ProjectQuery {
  offset?: number;
  limit?: number;
  category?: string;
  label?: string;
  /** Archived ones in the place of the others. */
  archived?: boolean;
  q?: string;
  /** The deleted projects that the person owned, in the place of those in use. */
  deleted?: boolean;
}

/** Which members of a project, which page. */
export interface MemberQuery {
  offset?: number;
  limit?: number;
  q?: string;
}

/** The project to work in from now on; null leaves every project. */
export interface CurrentIn {
  slug: string | null;
}

/** The project that this server works in. */
export interface Current {
  project: Project | null;
}

/** A project as one of its members sees it. */
export interface Project {
  category: string | null;
  labels: readonly string[];
  links: readonly ServiceLink[];
  /** Since when it is archived: read only, and out of the way. */
  archived: string | null;
  /** Whether the person who asks pinned it. */
  pinned: boolean;
  slug: string;
  name: string;
  description: string;
  /** What the person who asks is in it. */
  role: Role;
  members: number;
  /** Where its data lies: a folder or URL. */
  lake: string;
  /** Where its code lies: a Git URL or folder. */
  repository: string;
  created: string;
  updated: string;
  /** When it was deleted; null for a project that is in use. */
  deleted: string | null;
  /** Until when it can come back. */
  purge_after: string | null;
}

/** Something that was worked on lately. */
export interface Recent {
  kind: 'notebook' | 'file' | 'snippet' | 'run';
  label: string;
  path: string;
  id: string;
  when: string;
}

/** A place where a project's data or code lies. */
export interface StoragePlace {
  kind: 'lake' | 'repository';
  /** A folder or URL. */
  location: string;
  /** The folder in the lab's file browser; null if it cannot be seen there. */
  path: string | null;
}

/** Where a project's data and code lie. */
export interface Storage {
  places: readonly StoragePlace[];
}

/** Somewhere to go from Home. */
export interface Link {
  kind: 'lake' | 'code' | 'mlflow' | 'hub' | 'documentation';
  /** Opens in a new tab; empty when `path` is set. */
  url: string;
  /** A folder or file in the lab's own file browser. */
  path: string;
}

/** What the Orrery Home tab shows. */
export interface Home {
  user: string;
  hub: boolean;
  project: Project | null;
  links: readonly Link[];
  recent: readonly Recent[];
}
