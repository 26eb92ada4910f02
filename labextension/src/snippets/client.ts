/**
 * The browser's end of the snippets' wire, in the order of the server's handlers.
 */
import type { ServerConnection } from '@jupyterlab/services';

import { request, type IRequest } from '../base/request';
import type {
  Export,
  ExportFormat,
  Finding,
  ImportIn,
  ImportReport,
  Library,
  LibraryIn,
  Marks,
  Snippet,
  SnippetCell,
  SnippetIn,
  SnippetPage,
  SnippetVersion
} from './schemas';
import type { ISnippetQuery } from './tokens';

/** What can be asked of the server about snippets. */
export interface ISnippetsClient {
  list(query: ISnippetQuery, signal?: AbortSignal): Promise<SnippetPage>;
  create(snippet: SnippetIn): Promise<Snippet>;
  get(id: string, signal?: AbortSignal): Promise<Snippet>;
  update(id: string, snippet: SnippetIn): Promise<Snippet>;
  remove(id: string): Promise<void>;
  undelete(id: string): Promise<Snippet>;
  versions(id: string): Promise<SnippetVersion[]>;
  restore(id: string, version: number): Promise<Snippet>;
  mark(id: string, marks: Marks): Promise<Snippet>;
  scan(cells: readonly SnippetCell[]): Promise<Finding[]>;
  importFiles(files: ImportIn): Promise<ImportReport>;
  exportFiles(ids: readonly string[], format: ExportFormat): Promise<Export>;
  libraries(): Promise<Library[]>;
  addLibrary(library: LibraryIn): Promise<Library>;
  removeLibrary(name: string): Promise<void>;
  refreshLibrary(name: string): Promise<Library>;
  cancelLibrary(name: string): Promise<void>;
}

// An import of thousands of files and a scan of each takes longer than a click.
const IMPORT_MS = 300_000;
const LIBRARIES_LIMIT = 200;

/** The client of the person's own server. */
export class SnippetsClient implements ISnippetsClient {
  constructor(settings?: ServerConnection.ISettings) {
    this._settings = settings;
  }

  list(query: ISnippetQuery, signal?: AbortSignal): Promise<SnippetPage> {
    return this._ask<SnippetPage>('snippets', { query: { ...query }, signal });
  }

  create(snippet: SnippetIn): Promise<Snippet> {
    return this._ask<Snippet>('snippets', { method: 'POST', body: snippet });
  }

  get(id: string, signal?: AbortSignal): Promise<Snippet> {
    return this._ask<Snippet>(at(id), { signal });
  }

  update(id: string, snippet: SnippetIn): Promise<Snippet> {
    return this._ask<Snippet>(at(id), { method: 'PUT', body: snippet });
  }

  remove(id: string): Promise<void> {
    return this._ask<void>(at(id), { method: 'DELETE' });
  }

  undelete(id: string): Promise<Snippet> {
    return this._ask<Snippet>(`${at(id)}/undelete`, { method: 'POST', body: {} });
  }

  async versions(id: string): Promise<SnippetVersion[]> {
    const answer = await this._ask<{ items: SnippetVersion[] }>(`${at(id)}/versions`);
    return answer.items;
  }

  restore(id: string, version: number): Promise<Snippet> {
    return this._ask<Snippet>(`${at(id)}/versions/${version}/restore`, {
      method: 'POST',
      body: {}
    });
  }

  mark(id: string, marks: Marks): Promise<Snippet> {
    return this._ask<Snippet>(`${at(id)}/marks`, { method: 'PATCH', body: marks });
  }

  async scan(cells: readonly SnippetCell[]): Promise<Finding[]> {
    const answer = await this._ask<{ findings: Finding[] }>('snippets/scan', {
      method: 'POST',
      body: { cells }
    });
    return answer.findings;
  }

  importFiles(files: ImportIn): Promise<ImportReport> {
    return this._ask<ImportReport>('snippets/import', {
      method: 'POST',
      body: files,
      timeoutMs: IMPORT_MS
    });
  }

  exportFiles(ids: readonly string[], format: ExportFormat): Promise<Export> {
    return this._ask<Export>('snippets/export', { query: { id: [...ids], format } });
  }

  async libraries(): Promise<Library[]> {
    const page = await this._ask<{ items: Library[] }>('snippets/libraries', {
      query: { limit: LIBRARIES_LIMIT }
    });
    return page.items;
  }

  addLibrary(library: LibraryIn): Promise<Library> {
    return this._ask<Library>('snippets/libraries', { method: 'POST', body: library });
  }

  removeLibrary(name: string): Promise<void> {
    return this._ask<void>(library(name), { method: 'DELETE' });
  }

  refreshLibrary(name: string): Promise<Library> {
    return this._ask<Library>(`${library(name)}/refresh`, { method: 'POST', body: {} });
  }

  cancelLibrary(name: string): Promise<void> {
    return this._ask<void>(`${library(name)}/refresh`, { method: 'DELETE' });
  }

  private _ask<T>(path: string, init?: IRequest): Promise<T> {
    return request<T>(path, init, this._settings);
  }

  private readonly _settings: ServerConnection.ISettings | undefined;
}

function at(id: string): string {
  // The colons of a library's ids are told apart by the server's routes as they are.
  return `snippets/${encodeURIComponent(id).replaceAll('%3A', ':')}`;
}

function library(name: string): string {
  return `snippets/libraries/${encodeURIComponent(name)}`;
}
