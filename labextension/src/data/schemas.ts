// Generated from the shapes of orrery_server/data by "jlpm schemas"; change those and run it again.
import type { ColumnType, ReaderOptions } from '../base/shared/schemas';

export type { ColumnType, ReaderOptions };

export type PreviewFormat =
  | 'parquet'
  | 'csv'
  | 'json'
  | 'arrow'
  | 'orc'
  | 'avro'
  | 'excel'
  | 'delta'
  | 'iceberg'
  | 'parts'
  | 'table'
  | 'text'
  | 'notebook'
  | 'image'
  | 'pdf'
  | 'binary';
export type FilterOperator =
  | 'eq'
  | 'ne'
  | 'lt'
  | 'le'
  | 'gt'
  | 'ge'
  | 'contains'
  | 'begins'
  | 'in'
  | 'null'
  | 'not_null';
export type CountKind = 'exact' | 'estimate' | 'unknown';
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
export type QueryState = 'running' | 'done' | 'failed' | 'cancelled';
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

/** A column that rows are ordered by. */
export interface SortKey {
  /** Its place among the columns of the source, from 0. */
  column: number;
  is_descending?: boolean;
}

/** What the value of a column has to be. */
export interface Filter {
  /** Its place among the columns of the source, from 0. */
  column: number;
  operator: FilterOperator;
  /** Compared as the column's type; text for `in`. */
  value?: string | number | boolean | null;
  /** `in`: any of these. */
  values?: readonly (string | number | boolean | null)[];
}

/**
 * What is known of the values of a column.
 *
 * Attributes:
 *     rows: of how many rows.
 *     is_whole: whether these are all rows of the source.
 */
export interface ColumnStatistics {
  rows: number;
  is_whole: boolean;
  nulls: number | null;
  distinct: number | null;
  min: string | number | boolean | null;
  max: string | number | boolean | null;
  mean: number | null;
  /** A histogram of numbers or times: values per bin, of equal width. */
  counts: readonly number[];
}

/** A state of a Delta or Iceberg table. */
export interface Snapshot {
  id: string;
  at: string | null;
  operation: string;
  rows: number | null;
  changes_schema: boolean;
}

/** A cell of a notebook, as text. */
export interface Cell {
  kind: 'code' | 'markdown' | 'raw';
  source: string;
  output: string;
}

/** What was read of the store for an answer. */
export interface Transfer {
  bytes: number;
  requests: number;
  round_trips: number;
  seconds: number;
}

/** A window of a source, or the content of what is no table. */
export interface Preview {
  format: PreviewFormat;
  columns: readonly PreviewColumn[];
  /** Of the source. */
  column_count: number;
  rows: readonly (readonly (string | number | boolean | null)[])[];
  /** Of this window; also where rows come as Arrow. */
  row_count: number;
  offset: number;
  has_more: boolean;
  total: number | null;
  total_kind: CountKind;
  /** How many rows a filter or an order looked at; of all if none. */
  searched: number | null;
  /** Whether what a filter or an order looked at are all rows. */
  is_whole: boolean;
  /** How many values are shown cut. */
  cut_cells: number;
  notes: readonly string[];
  reading: ReaderOptions | null;
  sheet: string;
  sheets: readonly string[];
  snapshot: string;
  snapshots: readonly Snapshot[];
  /** Whether the columns are others than those of the first snapshot. */
  schema_changed: boolean;
  partitions: readonly string[];
  text: string;
  cells: readonly Cell[];
  media: string;
  width: number | null;
  height: number | null;
  size: number | null;
  etag: string;
  modified: string | null;
  transfer: Transfer;
}

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

/** A column of what is shown. */
export interface PreviewColumn {
  index: number;
  name: string;
  /** The source's own word for its type. */
  type: string;
  kind: ColumnType;
  /** Whether the kind is that of the first rows only, as in text. */
  is_guessed: boolean;
  statistics: ColumnStatistics | null;
}

/** Which rows and columns of a source are shown, and how they are read. */
export interface WindowRequest {
  /** How the source is read; without it, its content and name say. */
  format?: PreviewFormat | null;
  offset?: number;
  limit?: number;
  first_column?: number;
  column_count?: number;
  sort?: readonly SortKey[];
  filters?: readonly Filter[];
  reading?: ReaderOptions | null;
  sheet?: string;
  /** Of a Delta or Iceberg table; the current if empty. */
  snapshot?: string;
  /** The content has to be this one still. */
  etag?: string;
  /** Compute statistics of the columns from the rows that are read. */
  statistics?: boolean;
}

/** What is shown, and which rows and columns of it. */
export interface PreviewIn {
  location: string;
  path?: string;
  /** Whether the table is a folder. */
  is_folder?: boolean;
  window?: WindowRequest;
}

/** A statement to run: over a database, or by DuckDB over files (`lake://`, `files://`, `store://connection/`). */
export interface QueryIn {
  location?: string;
  statement: string;
  /** Values of `:name` in the statement. */
  parameters?: {
    [k: string]: string | number | boolean | null;
  };
  max_rows?: number;
  seconds?: number;
  /** That it may read of stores. */
  max_bytes?: number;
}

/** A statement that ran or runs. */
export interface Query {
  id: string;
  location: string;
  statement: string;
  state: QueryState;
  started: string;
  seconds: number;
  row_count: number;
  /** Whether there are more rows than were fetched. */
  is_cut: boolean;
  /** Whether the rows can be had still. */
  has_rows: boolean;
  columns: readonly PreviewColumn[];
  scanned_bytes: number;
  notes: readonly string[];
  problem: Problem | null;
}

/** Why something cannot be had: what failed, why, and what to do. */
export interface Problem {
  code: string;
  message: string;
  reason: string;
  remedy: string;
}

/** The statements of this server since it started, the last first. */
export interface Queries {
  items: readonly Query[];
}

/** How long an answer may wait for the end of a statement. */
export interface QueryWaitQuery {
  wait?: number;
}

/** Which rows of a result. */
export interface QueryRowsQuery {
  offset?: number;
  limit?: number;
}

/** Rows of a result. */
export interface QueryRows {
  rows: readonly (readonly (string | number | boolean | null)[])[];
  offset: number;
  total: number;
}

/** A text of SQL, and for which database. */
export interface StatementIn {
  location?: string;
  statement: string;
}

/** A text of SQL, its statements, and the names of its parameters. */
export interface StatementText {
  text: string;
  statements: readonly string[];
  parameters: readonly string[];
}

/** What a statement would read of stores, at most. */
export interface Estimate {
  /** Null for a database, which does not say. */
  bytes: number | null;
  files: number;
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
