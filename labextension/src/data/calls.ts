// Generated from the routes of orrery_server/data by "jlpm schemas"; change those and run it again.
import type { ServerConnection } from '@jupyterlab/services';

import { request, segment, type ICallOptions } from '../base/request';
import type { Page } from '../base/schemas';
import type {
  CodeQuery,
  Connection,
  ConnectionIn,
  ConnectionPatch,
  ConnectionQuery,
  ConnectionTest,
  DeleteIn,
  Deleted,
  Entry,
  EntryPage,
  EntryQuery,
  Estimate,
  Explanation,
  FolderIn,
  Kinds,
  LoadCode,
  LocationQuery,
  Locations,
  PathQuery,
  Preview,
  PreviewIn,
  Properties,
  Queries,
  Query,
  QueryIn,
  QueryRows,
  QueryRowsQuery,
  QueryWaitQuery,
  SecretPlace,
  StatementIn,
  StatementText,
  TestResult,
  UndoIn,
  UploadIn,
  VariableIn,
  Variables
} from './schemas';

/** The calls of data, one per route of the lab's server. */
export class DataCalls {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings;
  }

  /** One page of the connections that the person sees. */
  listConnections(
    query: ConnectionQuery = {},
    options: ICallOptions = {}
  ): Promise<Page<Connection>> {
    return request(
      'data/connections',
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** A new connection; its secrets are never shown again. */
  createConnection(
    body: ConnectionIn,
    options: ICallOptions = {}
  ): Promise<Connection> {
    return request(
      'data/connections',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** Every location, or the one that code means by a name. */
  locations(query: LocationQuery = {}, options: ICallOptions = {}): Promise<Locations> {
    return request(
      'data/locations',
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** One page of a folder, a database, a schema or a table. */
  entries(query: EntryQuery, options: ICallOptions = {}): Promise<EntryPage> {
    return request('data/entries', { ...options, query: { ...query } }, this._settings);
  }

  /** What is known of one thing without reading it. */
  entry(query: PathQuery, options: ICallOptions = {}): Promise<Properties> {
    return request('data/entry', { ...options, query: { ...query } }, this._settings);
  }

  /** Why a thing can be seen or cannot, step by step. */
  explain(query: PathQuery, options: ICallOptions = {}): Promise<Explanation> {
    return request('data/explain', { ...options, query: { ...query } }, this._settings);
  }

  /** Code that loads a thing, for a library. */
  code(query: CodeQuery, options: ICallOptions = {}): Promise<LoadCode> {
    return request('data/code', { ...options, query: { ...query } }, this._settings);
  }

  /** Store a small file: whole, or not at all. */
  upload(body: UploadIn, options: ICallOptions = {}): Promise<Entry> {
    return request('data/upload', { ...options, method: 'POST', body }, this._settings);
  }

  /** Make an empty folder. */
  makeFolder(body: FolderIn, options: ICallOptions = {}): Promise<Entry> {
    return request(
      'data/folders',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** Delete files and folders; of a folder on a disk it can be undone, of a store only if that was asked for. */
  deleteFiles(body: DeleteIn, options: ICallOptions = {}): Promise<Deleted> {
    return request('data/delete', { ...options, method: 'POST', body }, this._settings);
  }

  /** A window of a file or a table, or the content of what is no table. */
  preview(body: PreviewIn, options: ICallOptions = {}): Promise<Preview> {
    return request(
      'data/preview',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** The statements of this server since it started. */
  listQueries(options: ICallOptions = {}): Promise<Queries> {
    return request('data/queries', options, this._settings);
  }

  /** Run a statement; it goes on when nobody waits, until it ends, is cancelled, or takes too long. */
  runQuery(body: QueryIn, options: ICallOptions = {}): Promise<Query> {
    return request(
      'data/queries',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** The kinds of connections, each with the JSON schema of its fields. */
  kinds(options: ICallOptions = {}): Promise<Kinds> {
    return request('data/connections/kinds', options, this._settings);
  }

  /** Where secrets are stored, and whether they can be used now. */
  secretPlace(options: ICallOptions = {}): Promise<SecretPlace> {
    return request('data/connections/secrets', options, this._settings);
  }

  /** Names of environment variables of this server that describe a connection; never their values. */
  listVariables(options: ICallOptions = {}): Promise<Variables> {
    return request('data/connections/variables', options, this._settings);
  }

  /** A connection from variables of this server, whose secret values are stored apart. */
  createFromVariable(
    body: VariableIn,
    options: ICallOptions = {}
  ): Promise<Connection> {
    return request(
      'data/connections/variables',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** Open a connection as it would be stored; what is wrong comes in words. */
  tryConnection(body: ConnectionTest, options: ICallOptions = {}): Promise<TestResult> {
    return request(
      'data/connections/test',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** Bring back what was deleted. */
  undoDelete(body: UndoIn, options: ICallOptions = {}): Promise<Deleted> {
    return request(
      'data/delete/undo',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** The text with line breaks and indentation, its statements and its parameters. */
  formatStatement(
    body: StatementIn,
    options: ICallOptions = {}
  ): Promise<StatementText> {
    return request(
      'data/queries/format',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** What a statement would read of stores, at most: the sizes of the files that it names. */
  estimate(body: StatementIn, options: ICallOptions = {}): Promise<Estimate> {
    return request(
      'data/queries/estimate',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** One connection, without its secrets. */
  getConnection(number: number, options: ICallOptions = {}): Promise<Connection> {
    return request(`data/connections/${segment(number)}`, options, this._settings);
  }

  /** A connection with what was sent changed; what is open of it is opened anew. */
  updateConnection(
    number: number,
    body: ConnectionPatch,
    options: ICallOptions = {}
  ): Promise<Connection> {
    return request(
      `data/connections/${segment(number)}`,
      { ...options, method: 'PATCH', body },
      this._settings
    );
  }

  /** Take a connection away; it can be brought back. */
  deleteConnection(number: number, options: ICallOptions = {}): Promise<void> {
    return request(
      `data/connections/${segment(number)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  /** A statement; if it runs, its end is waited for. */
  getQuery(
    execution: string,
    query: QueryWaitQuery = {},
    options: ICallOptions = {}
  ): Promise<Query> {
    return request(
      `data/queries/${segment(execution)}`,
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** End a statement where it runs. */
  cancelQuery(execution: string, options: ICallOptions = {}): Promise<void> {
    return request(
      `data/queries/${segment(execution)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  /** Bring a deleted connection back, with its secrets. */
  undeleteConnection(number: number, options: ICallOptions = {}): Promise<Connection> {
    return request(
      `data/connections/${segment(number)}/undelete`,
      { ...options, method: 'POST' },
      this._settings
    );
  }

  /** Rows of a result. */
  queryRows(
    execution: string,
    query: QueryRowsQuery = {},
    options: ICallOptions = {}
  ): Promise<QueryRows> {
    return request(
      `data/queries/${segment(execution)}/rows`,
      { ...options, query: { ...query } },
      this._settings
    );
  }

  private readonly _settings: ServerConnection.ISettings | undefined;
}
