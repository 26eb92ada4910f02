// Generated from the shapes of orrery_server/projects by "jlpm schemas"; change those and run it again.

export type Role = 'owner' | 'editor' | 'viewer';

/** A project to create. */
export interface ProjectIn {
  slug: string;
  name: string;
  description?: string;
}

/** A person in a project. */
export interface Member {
  user: string;
  role: Role;
  since: string;
}

/** The role to give a person in a project. */
export interface MemberIn {
  role: Role;
}

/** Which projects, which page. */
export interface ProjectQuery {
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
  slug: string;
  name: string;
  description: string;
  /** What the person who asks is in it. */
  role: Role;
  members: number;
  /** Where its data lies: a folder or an object-store URL. */
  lake: string;
  /** Where its code lies: a Git URL or folder. */
  repository: string;
  created: string;
  updated: string;
}

/** Something that was worked on lately. */
export interface Recent {
  kind: 'notebook' | 'file' | 'snippet' | 'run';
  label: string;
  path: string;
  id: string;
  when: string;
}

/** Somewhere to go from Home. */
export interface Link {
  label: string;
  caption: string;
  /** Opens in a new tab; empty when `path` or `command` is set. */
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
