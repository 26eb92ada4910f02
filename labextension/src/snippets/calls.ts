// Generated from the routes of orrery_server/snippets by "jlpm schemas"; change those and run it again.
import type { ServerConnection } from '@jupyterlab/services';

import { request, segment, type ICallOptions } from '../base/request';
import type { Page } from '../base/schemas';
import type {
  Export,
  ExportQuery,
  IdsIn,
  ImportIn,
  ImportJob,
  ImportQuery,
  Library,
  LibraryIn,
  LibraryQuery,
  ManyReport,
  Marks,
  Scan,
  ScanIn,
  Snippet,
  SnippetIn,
  SnippetPage,
  SnippetQuery,
  Versions
} from './schemas';

/** The calls of snippets, one per route of the lab's server. */
export class SnippetsCalls {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings;
  }

  /** One page of the snippets that the words and filters leave. */
  list(query: SnippetQuery = {}, options: ICallOptions = {}): Promise<SnippetPage> {
    return request('snippets', { ...options, query: { ...query } }, this._settings);
  }

  /** Keep a new snippet, or a new version of one. */
  create(body: SnippetIn, options: ICallOptions = {}): Promise<Snippet> {
    return request('snippets', { ...options, method: 'POST', body }, this._settings);
  }

  /** What looks like a secret in some cells. */
  scan(body: ScanIn, options: ICallOptions = {}): Promise<Scan> {
    return request(
      'snippets/scan',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** Begin to save the snippets of files; a short import is over when this returns. */
  importFiles(body: ImportIn, options: ICallOptions = {}): Promise<ImportJob> {
    return request(
      'snippets/import',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** One page of the imports since the server started, newest first. */
  listImports(
    query: ImportQuery = {},
    options: ICallOptions = {}
  ): Promise<Page<ImportJob>> {
    return request(
      'snippets/imports',
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** Take several snippets away; they can be brought back together. */
  deleteMany(body: IdsIn, options: ICallOptions = {}): Promise<ManyReport> {
    return request(
      'snippets/delete',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** Bring several deleted snippets back. */
  undeleteMany(body: IdsIn, options: ICallOptions = {}): Promise<ManyReport> {
    return request(
      'snippets/undelete',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** Files of some snippets, or of all. */
  export(query: ExportQuery = {}, options: ICallOptions = {}): Promise<Export> {
    return request(
      'snippets/export',
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** One page of the libraries and how they are. */
  listLibraries(
    query: LibraryQuery = {},
    options: ICallOptions = {}
  ): Promise<Page<Library>> {
    return request(
      'snippets/libraries',
      { ...options, query: { ...query } },
      this._settings
    );
  }

  /** Add a library by its address; reading it begins at once. */
  addLibrary(body: LibraryIn, options: ICallOptions = {}): Promise<Library> {
    return request(
      'snippets/libraries',
      { ...options, method: 'POST', body },
      this._settings
    );
  }

  /** How far an import is, and what came of it. */
  getImport(id: string, options: ICallOptions = {}): Promise<ImportJob> {
    return request(`snippets/imports/${segment(id)}`, options, this._settings);
  }

  /** Stop an import; what it saved stays, and can be undone. */
  cancelImport(id: string, options: ICallOptions = {}): Promise<ImportJob> {
    return request(
      `snippets/imports/${segment(id)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  /** Forget a library that was added. */
  removeLibrary(name: string, options: ICallOptions = {}): Promise<void> {
    return request(
      `snippets/libraries/${segment(name)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  /** Take back what an import added and replaced; what was changed since stays. */
  undoImport(id: string, options: ICallOptions = {}): Promise<ImportJob> {
    return request(
      `snippets/imports/${segment(id)}/undo`,
      { ...options, method: 'POST' },
      this._settings
    );
  }

  /** Begin to read a library anew. */
  refreshLibrary(name: string, options: ICallOptions = {}): Promise<Library> {
    return request(
      `snippets/libraries/${segment(name)}/refresh`,
      { ...options, method: 'POST' },
      this._settings
    );
  }

  /** Stop a refresh. */
  cancelLibrary(name: string, options: ICallOptions = {}): Promise<void> {
    return request(
      `snippets/libraries/${segment(name)}/refresh`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  /** One snippet. */
  get(id: string, options: ICallOptions = {}): Promise<Snippet> {
    return request(`snippets/${segment(id)}`, options, this._settings);
  }

  /** Keep a new snippet, or a new version of one. */
  update(id: string, body: SnippetIn, options: ICallOptions = {}): Promise<Snippet> {
    return request(
      `snippets/${segment(id)}`,
      { ...options, method: 'PUT', body },
      this._settings
    );
  }

  /** Take a snippet away; it can be brought back. */
  delete(id: string, options: ICallOptions = {}): Promise<void> {
    return request(
      `snippets/${segment(id)}`,
      { ...options, method: 'DELETE' },
      this._settings
    );
  }

  /** Bring a deleted snippet back. */
  undelete(id: string, options: ICallOptions = {}): Promise<Snippet> {
    return request(
      `snippets/${segment(id)}/undelete`,
      { ...options, method: 'POST' },
      this._settings
    );
  }

  /** Every version that is kept, newest first. */
  versions(id: string, options: ICallOptions = {}): Promise<Versions> {
    return request(`snippets/${segment(id)}/versions`, options, this._settings);
  }

  /** Note the person's own marks. */
  mark(id: string, body: Marks, options: ICallOptions = {}): Promise<Snippet> {
    return request(
      `snippets/${segment(id)}/marks`,
      { ...options, method: 'PATCH', body },
      this._settings
    );
  }

  /** Make an older version the present one, as a new version; nothing in between is lost. */
  restore(id: string, number: number, options: ICallOptions = {}): Promise<Snippet> {
    return request(
      `snippets/${segment(id)}/versions/${segment(number)}/restore`,
      { ...options, method: 'POST' },
      this._settings
    );
  }

  private readonly _settings: ServerConnection.ISettings | undefined;
}
