/* eslint-disable @typescript-eslint/require-await -- it answers from memory, as a server would */
/**
 * A server of snippets that lives in the test.
 */
import { Conflict, NotFound, SecretFound, toError } from '../../src/base/errors';
import type { ICallOptions } from '../../src/base/request';
import type { Page } from '../../src/base/schemas';
import type { ISnippetsCalls } from '../../src/snippets/model';
import type {
  Export,
  ExportQuery,
  ImportIn,
  IdsIn,
  ImportJob,
  ImportReport,
  ManyReport,
  Library,
  LibraryIn,
  Marks,
  Snippet,
  Scan,
  ScanIn,
  SnippetIn,
  SnippetPage,
  Versions
} from '../../src/snippets/schemas';
import type { ISnippetQuery } from '../../src/snippets/tokens';

/** An import that has ended, with what the test says about it. */
export function importJob(
  report: Partial<ImportReport> = {},
  more: Partial<ImportJob> = {}
): ImportJob {
  const nothing = { created: [], replaced: [], skipped: [], failed: [], notes: [] };
  return {
    id: 'j1',
    state: 'done',
    started: '2026-01-01T00:00:00Z',
    done: 1,
    total: 1,
    report: { ...nothing, ...report },
    undo: [],
    error: '',
    ...more
  };
}

/** A snippet, with what the test says about it. */
export function snippet(id: string, more: Partial<Snippet> = {}): Snippet {
  return {
    id,
    name: `Snippet ${id}`,
    description: '',
    language: 'python',
    other_languages: [],
    tags: [],
    prefixes: [],
    syntax: 'plain',
    cells: [{ kind: 'code', source: `print("${id}")` }],
    scope: 'mine',
    project: null,
    version: 1,
    created: '2026-01-01T00:00:00Z',
    created_by: 'ada',
    updated: '2026-01-01T00:00:00Z',
    updated_by: 'ada',
    writable: true,
    favourite: false,
    position: null,
    uses: 0,
    used: null,
    seen_version: null,
    library: null,
    requires: [],
    unseen: false,
    ...more
  };
}

/** Answers at once from memory, or fails as told; what was asked is kept. */
export class MemoryClient implements ISnippetsCalls {
  constructor(...snippets: Snippet[]) {
    this.snippets = snippets;
  }

  snippets: Snippet[];
  /** What follows when nothing matches, or only by its code. */
  nearest: Snippet[] = [];
  deleted: Snippet[] = [];
  libs: Library[] = [];
  jobs: ImportJob[] = [];
  cancelled = 0;
  readonly undone: string[] = [];
  error: Error | null = null;
  /** Held back until it is settled, when set. */
  gate: Promise<void> | null = null;
  readonly asked: ISnippetQuery[] = [];
  readonly marks: [string, Marks][] = [];
  readonly exported: [readonly string[], string][] = [];

  async list(
    query: ISnippetQuery,
    { signal }: ICallOptions = {}
  ): Promise<SnippetPage> {
    this.asked.push(query);
    await this.gate;
    if (signal?.aborted) {
      throw toError({ code: 'cancelled', message: 'Cancelled' });
    }
    this._fail();
    const { q = '', offset = 0, limit = 50, favourite, sort } = query;
    const { beginning = [], language = null, scope = null } = query;
    const begins = (one: Snippet): boolean =>
      beginning.some(text =>
        one.prefixes.some(prefix => prefix.toLowerCase().startsWith(text.toLowerCase()))
      );
    const matching = this.snippets
      .filter(one => !favourite || one.favourite)
      .filter(one => beginning.length === 0 || begins(one))
      .filter(one => language === null || one.language === language)
      .filter(one => scope === null || one.scope === scope);
    const hits = matching.filter(one =>
      one.name.toLowerCase().includes(q.toLowerCase())
    );
    const found = q ? [...hits, ...this.nearest] : hits;
    if (sort === 'position') {
      found.sort((a, b) => (a.position ?? Infinity) - (b.position ?? Infinity));
    }
    return {
      items: found.slice(offset, offset + limit),
      total: found.length,
      offset,
      limit,
      facets: {
        tags: [],
        languages: [],
        scopes: [{ value: 'mine', count: this.snippets.length }],
        projects: counted(this.snippets.flatMap(({ project }) => project ?? []))
      },
      notices: [],
      exact_count: hits.length,
      may_publish: true
    };
  }

  async create(content: SnippetIn): Promise<Snippet> {
    this._fail();
    this._scan(content);
    const made = snippet(`made-${this.snippets.length}`, asStored(content));
    this.snippets.push(made);
    return made;
  }

  async get(id: string): Promise<Snippet> {
    this._fail();
    return this._find(id);
  }

  async update(id: string, content: SnippetIn): Promise<Snippet> {
    this._fail();
    this._scan(content);
    const current = this._find(id);
    if (content.base_version !== current.version) {
      throw new Conflict({ message: 'Changed', details: { current, base: null } });
    }
    return this._put({
      ...current,
      ...asStored(content),
      version: current.version + 1
    });
  }

  async delete(id: string): Promise<void> {
    this._fail();
    this.deleted.push(this._find(id));
    this.snippets = this.snippets.filter(one => one.id !== id);
  }

  async undelete(id: string): Promise<Snippet> {
    const found = this.deleted.find(one => one.id === id);
    if (!found) {
      throw new NotFound({ message: 'There is no such snippet' });
    }
    this.snippets.push(found);
    return found;
  }

  async versions(id: string): Promise<Versions> {
    const { version, updated, updated_by, ...content } = this._find(id);
    return {
      items: [{ version, saved: updated, saved_by: updated_by, content }]
    };
  }

  async restore(id: string): Promise<Snippet> {
    const found = this._find(id);
    return this._put({ ...found, version: found.version + 1 });
  }

  async mark(id: string, marks: Marks): Promise<Snippet> {
    this._fail();
    this.marks.push([id, marks]);
    const found = this._find(id);
    return this._put({
      ...found,
      favourite: marks.favourite ?? found.favourite,
      position: marks.position ?? found.position,
      uses: found.uses + (marks.used ? 1 : 0)
    });
  }

  async scan({ cells }: ScanIn): Promise<Scan> {
    const findings = cells.flatMap((cell, index) =>
      cell.source.includes('password')
        ? [{ kind: 'password', cell: index, line: 1, excerpt: 'password = ***' }]
        : []
    );
    return { findings };
  }

  async importFiles(files: ImportIn): Promise<ImportJob> {
    const created = files.files.map(file => snippet(file.name));
    this.snippets.push(...created);
    return importJob({ created: created.map(({ id, name }) => ({ id, name })) });
  }

  async listImports(): Promise<Page<ImportJob>> {
    const items = this.jobs;
    return { items, total: items.length, offset: 0, limit: items.length };
  }

  /** The states that a job takes, one after the other. */
  async getImport(): Promise<ImportJob> {
    return this.jobs.length > 1 ? this.jobs.shift()! : this.jobs[0];
  }

  async cancelImport(): Promise<ImportJob> {
    this.cancelled += 1;
    return importJob({}, { state: 'cancelled' });
  }

  async undoImport(id: string): Promise<ImportJob> {
    this.undone.push(id);
    return importJob({}, { state: 'undone' });
  }

  async deleteMany({ ids }: IdsIn): Promise<ManyReport> {
    const known = ids.filter(id => this.snippets.some(one => one.id === id));
    for (const id of known) {
      await this.delete(id);
    }
    const failed = ids
      .filter(id => !known.includes(id))
      .map(id => ({ id, reason: 'There is no such snippet' }));
    return { ids: known, failed };
  }

  async undeleteMany({ ids }: IdsIn): Promise<ManyReport> {
    for (const id of ids) {
      await this.undelete(id);
    }
    return { ids, failed: [] };
  }

  async export({ id = [], format = 'code-snippets' }: ExportQuery): Promise<Export> {
    this.exported.push([id, format]);
    return { files: [{ name: 'out.code-snippets', content: '{}' }] };
  }

  async listLibraries(): Promise<Page<Library>> {
    this._fail();
    const items = this.libs.map(library => ({ ...library }));
    return { items, total: items.length, offset: 0, limit: items.length };
  }

  async addLibrary(library: LibraryIn): Promise<Library> {
    this._fail();
    const added = made(library.name, 'refreshing');
    this.libs.push(added);
    return added;
  }

  async removeLibrary(name: string): Promise<void> {
    this.libs = this.libs.filter(one => one.name !== name);
  }

  async refreshLibrary(name: string): Promise<Library> {
    const found = this.libs.find(one => one.name === name)!;
    found.state = 'refreshing';
    return found;
  }

  async cancelLibrary(name: string): Promise<void> {
    this.libs.find(one => one.name === name)!.state = 'ready';
  }

  private _find(id: string): Snippet {
    const found = this.snippets.find(one => one.id === id);
    if (!found) {
      throw new NotFound({ message: 'There is no such snippet' });
    }
    return found;
  }

  private _put(next: Snippet): Snippet {
    this.snippets = this.snippets.map(one => (one.id === next.id ? next : one));
    return next;
  }

  private _scan(content: SnippetIn): void {
    const secret = content.cells.some(cell => cell.source.includes('password'));
    if (secret && !content.allow_secrets) {
      const finding = { kind: 'password', cell: 0, line: 1, excerpt: 'password = ***' };
      throw new SecretFound({ message: 'A secret', details: { findings: [finding] } });
    }
  }

  private _fail(): void {
    if (this.error) {
      throw this.error;
    }
  }
}

/** A library from Git. */
export function made(name: string, state: Library['state'] = 'ready'): Library {
  return {
    name,
    kind: 'git',
    url: `https://git.example.org/${name}.git`,
    ref: null,
    folder: '',
    state,
    commit: null,
    refreshed: null,
    count: 0,
    error: '',
    problems: []
  };
}

function asStored(content: SnippetIn): Partial<Snippet> {
  const stored = { ...content };
  delete stored.base_version;
  delete stored.allow_secrets;
  return stored;
}

/** Let everything that is under way come to its end. */
export async function settled(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 0));
}

function counted(values: readonly string[]): { value: string; count: number }[] {
  return [...new Set(values)].map(value => ({
    value,
    count: values.filter(other => other === value).length
  }));
}
