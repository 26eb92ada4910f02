// Generated from the shapes of orrery_server/data by "jlpm schemas"; change those and run it again.

export type Audience = 'platform' | 'project' | 'person';
export type ConnectionKind =
  | 's3'
  | 'gs'
  | 'abfs'
  | 'http'
  | 'folder'
  | 'lake'
  | 'postgresql'
  | 'mysql'
  | 'sqlite'
  | 'duckdb'
  | 'sqlalchemy';
export type StoreKind = 'openbao' | 'file';
export type StoreState = 'ready' | 'sealed' | 'away' | 'denied' | 'damaged';
export type LocationKind = 'files' | 'lake' | 'store' | 'database';
export type EntryKind =
  | 'folder'
  | 'file'
  | 'schema'
  | 'table'
  | 'view'
  | 'materialized_view'
  | 'foreign_table'
  | 'partitioned_table'
  | 'column';
export type Sort = 'name' | '-name' | 'size' | '-size' | 'modified' | '-modified';
export type Library = 'pandas' | 'polars' | 'duckdb' | 'pyarrow';

/** A connection as somebody sees it: never the secret, only the names of the fields that are stored. */
export interface Connection {
  id: number;
  name: string;
  kind: ConnectionKind;
  audience: Audience;
  /** The project that it belongs to, of one of a project. */
  project: string | null;
  description: string;
  /** What is reached by it is never changed. */
  read_only: boolean;
  /** The kind's fields without its secrets. */
  spec: {
    [k: string]: boolean | number | string;
  };

  /** The secret fields that have a value. */
  secrets: readonly string[];
  /** Each use gets a database user of its own. */
  has_dynamic_user: boolean;
  may_use: boolean;
  may_write: boolean;
  created: string;
  updated: string;
  deleted: string | null;
  /** Until when a deleted one can be brought back. */
  purge_after: string | null;
}

/** What to change; ``spec`` replaces all fields, of ``secrets`` only those that are named (null removes one). */
export interface ConnectionPatch {
  name?: string | null;
  description?: string | null;
  read_only?: boolean | null;
  spec?: {
    [k: string]: boolean | number | string;
  } | null;
  secrets?: {
    [k: string]: string | null;
  };
}

/** Which connections, which page. */
export interface ConnectionQuery {
  offset?: number;
  limit?: number;
  q?: string;
  name?: string;
  audience?: Audience | null;
  project?: string;
  kind?: ConnectionKind | null;
  deleted?: boolean;
}

/** A kind of connection: the JSON schema of its fields, those with ``writeOnly`` are secrets. */
export interface Kind {
  name: ConnectionKind;
  title: string;
  fields: {
    [k: string]: unknown;
  };
}

/** Every kind. */
export interface Kinds {
  items: readonly Kind[];
}

/** Where secrets are stored, and whether they can be used now. */
export interface SecretPlace {
  kind: StoreKind;
  state: StoreState;
  text: string;
}

/** A new connection; ``secrets`` are stored apart and never shown again. */
export interface ConnectionIn {
  name: string;
  kind: ConnectionKind;
  audience: Audience;
  project: string | null;
  description: string;
  read_only: boolean;
  spec: {
    [k: string]: boolean | number | string;
  };
  secrets: {
    [k: string]: string;
  };
}

/** Why something cannot be had: what failed, why, and what to do. */
export interface Problem {
  code: string;
  message: string;
  reason: string;
  remedy: string;
}

/** A place with data in it, the top of a part of the tree. */
export interface Location {
  id: string;
  /** What code calls it: `orrery.connect(name)`. */
  name: string;
  title: string;
  kind: LocationKind;
  /** What it is behind the scenes. */
  source: ConnectionKind | 'files';
  /** Where it is, without anything secret. */
  address: string;
  description: string;
  /** Null for what is no connection. */
  audience: Audience | null;
  project: string | null;
  connection: number | null;
  is_read_only: boolean;
  may_use: boolean;
  /** Whether the connection can be changed. */
  may_write: boolean;
}

/** Every place that the person has, and why there may be more. */
export interface Locations {
  items: readonly Location[];
  /** Why connections are missing, such as a hub that is away. */
  problem: Problem | null;
}

/** All locations, or the one that code means by a name. */
export interface LocationQuery {
  name?: string;
}

/** A row of the tree. */
export interface Entry {
  path: string;
  name: string;
  kind: EntryKind;
  has_children: boolean;
  /** Bytes. */
  size: number | null;
  modified: string | null;
  etag: string;
  /** Of a column, as the database calls it. */
  type: string;
  comment: string;
  owner: string;
  /** Of a table, an estimate of the database. */
  rows: number | null;
  is_nullable: boolean | null;
  key: '' | 'primary' | 'foreign';
  default: string;
  /** Why it cannot be opened; empty if it can. */
  problem: string;
}

/** Which entries of a location; ``page_token`` is the ``next`` of the page before. */
export interface EntryQuery {
  location: string;
  path?: string;
  page_token?: string;
  /** Only names that begin so: the store jumps there. */
  prefix?: string;
  /** Only names that hold it. */
  filter?: string;
  sort?: Sort;
  limit?: number;
}

/** Some entries of a folder, schema or table. */
export interface EntryPage {
  items: readonly Entry[];
  /** Where the next page begins; empty after the last. */
  next: string;
  /** How many entries were looked at. */
  scanned: number;
  /** What is not as it was asked for, and why. */
  notice: string;
}

/** One thing in a location. */
export interface PathQuery {
  location: string;
  path?: string;
}

/** One property, in words. */
export interface Fact {
  name: string;
  value: string;
}

/** What is known of one thing without reading it. */
export interface Properties {
  location: Location;
  entry: Entry;
  /** Where it is, as other programs name it; nothing secret. */
  address: string;
  facts: readonly Fact[];
  columns: readonly Entry[];
}

/** One condition on the way to a thing: whether it is met, and what to do if not. */
export interface Step {
  name: string;
  /** Null where an earlier one failed. */
  is_met: boolean | null;
  text: string;
  remedy: string;
}

/** Why something can be seen or cannot, step by step. */
export interface Explanation {
  is_visible: boolean;
  steps: readonly Step[];
}

/** What to load, by which library, and where the notebook lies from the root of the lab's files. */
export interface CodeQuery {
  location: string;
  path: string;
  library?: Library;
  folder?: string | null;
}

/** Code that loads a thing; there is nothing secret in it. */
export interface LoadCode {
  code: string;
  variable: string;
  /** Packages that it imports. */
  requires: readonly string[];
}

/** A connection to try: as it would be stored, with the secrets of an existing one where none are sent. */
export interface ConnectionTest {
  connection: ConnectionIn;
  id: number | null;
}

/** Whether a connection can be opened, and what is wrong if not. */
export interface TestResult {
  is_ok: boolean;
  text: string;
  seconds: number;
  problem: Problem | null;
}

/** What a variable, or a group of them, would become. */
export interface Variable {
  /** The variable; the first of a group. */
  name: string;
  variables: readonly string[];
  kind: ConnectionKind;
  suggestion: string;
}

/** Names of environment variables of the server that describe a connection; never their values. */
export interface Variables {
  items: readonly Variable[];
}

/** Make a connection from variables; the server reads their values, and stores the secret ones apart. */
export interface VariableIn {
  variable: string;
  name: string;
}

/** Bytes of a file. */
export interface ContentQuery {
  location: string;
  path: string;
  /** From which byte on; negative counts from the end. */
  start?: number;
  /** How many; all if left out. */
  length?: number | null;
  /** The content must be this one still. */
  etag?: string;
}

/** A small file as base64: it is stored whole or not at all. */
export interface UploadIn {
  location: string;
  path: string;
  content: string;
  replaces?: boolean;
}

/** A folder to make. */
export interface FolderIn {
  location: string;
  path: string;
}

/** Files and folders to delete. */
export interface DeleteIn {
  location: string;
  paths: readonly string[];
  /** Delete for good where nothing brings back. */
  is_final?: boolean;
}

/** What was deleted. */
export interface Deleted {
  paths: readonly string[];
  /** What brings it back; empty where nothing does. */
  undo: string;
}

/** What a deletion gave to bring it back. */
export interface UndoIn {
  location: string;
  undo: string;
}
