/**
 * The list of snippets that a person sees, and what can be done with them.
 */
import { Signal, type ISignal } from '@lumino/signaling';

import { ListModel } from '../base/panel/listmodel';
import type { SnippetsCalls } from './calls';
import type {
  Export,
  ExportFormat,
  Facets,
  Finding,
  IdsIn,
  ImportIn,
  ImportJob,
  ManyReport,
  Marks,
  Notice,
  Snippet,
  SnippetCell,
  SnippetIn,
  SnippetPage,
  SnippetQuery,
  SnippetVersion
} from './schemas';
import type { ISnippetQuery, ISnippetsModel } from './tokens';

// The index of the own server answers within a few milliseconds.
const DEBOUNCE_MS = 80;
// Sending thousands of files takes longer than a click.
const UPLOAD_MS = 300_000;
// As many as the server takes at once.
const MOST_IDS = 5_000;
// What the server takes for the name of a language.
const LANGUAGE = /^[a-z][a-z0-9+#._-]{0,31}$/;
const NO_FACETS: Facets = { tags: [], languages: [], scopes: [], projects: [] };

/** What the model asks of the server. */
export type ISnippetsCalls = Pick<SnippetsCalls, keyof SnippetsCalls>;

/** The snippets that a person sees. */
export class SnippetsModel
  extends ListModel<Snippet, SnippetQuery, SnippetPage>
  implements ISnippetsModel
{
  constructor(
    readonly calls: ISnippetsCalls,
    debounceMs = DEBOUNCE_MS
  ) {
    super({
      load: (query, signal) => {
        this._preferred = this.placeLanguage();
        return calls.list(this._preferring(query), { signal });
      },
      keyOf: ({ id }) => id,
      nameOf: ({ name }) => name,
      lasting: ['sort'],
      isPartial: ({ notices }) => notices?.some(({ outage }) => outage) ?? false,
      debounceMs
    });
  }

  /** Emitted with the id of a snippet that was saved, restored or deleted here. */
  get stored(): ISignal<this, string> {
    return this._stored;
  }

  get facets(): Facets {
    return this.latest?.facets ?? NO_FACETS;
  }

  get notices(): readonly Notice[] {
    return this.latest?.notices ?? [];
  }

  /** Number of snippets that have all the words that are searched for; those behind them have most of the words. */
  get exactCount(): number {
    return this.latest?.exact_count ?? 0;
  }

  /** Number of snippets without any filter. */
  get overall(): number {
    return this.facets.scopes.reduce((sum, { count }) => sum + count, 0);
  }

  /** Narrow the list to a scope; `project` is the one that the lab works in, as everywhere. */
  showScope(scope: SnippetQuery['scope'], current: string | null): void {
    this.filter({ scope, project: scope === 'project' ? current : null });
  }

  /** The lab works in another project, or in none. */
  followProject(current: string | null): void {
    if (this.query.scope === 'project') {
      this.showScope(current === null ? null : 'project', current);
    }
  }

  /** The language of the place that snippets go to: it is first among what fits a search alike. */
  placeLanguage: () => string = () => '';

  /** Snippets go to another place: a search that is shown is made again where that matters. */
  followPlace(): void {
    const { q } = this.query;
    if (q && this.state === 'ready' && this.placeLanguage() !== this._preferred) {
      void this.refresh({ quiet: true });
    }
  }

  /** A page of any query; the list that is shown stays as it is. */
  search(query: ISnippetQuery, signal?: AbortSignal): Promise<SnippetPage> {
    return this.calls.list(this._preferring(query), { signal });
  }

  get(id: string): Promise<Snippet> {
    return this.calls.get(id);
  }

  /** Create a snippet, or save a new version of it. */
  async save(content: SnippetIn, id: string | null = null): Promise<Snippet> {
    return this._store(
      await (id ? this.calls.update(id, content) : this.calls.create(content))
    );
  }

  async remove(id: string): Promise<void> {
    await this.calls.delete(id);
    this.drop(id);
    this._stored.emit(id);
    void this.refresh();
  }

  async undelete(id: string): Promise<Snippet> {
    return this._store(await this.calls.undelete(id));
  }

  async versions(id: string): Promise<readonly SnippetVersion[]> {
    return (await this.calls.versions(id)).items;
  }

  async restore(id: string, version: number): Promise<Snippet> {
    return this._store(await this.calls.restore(id, version));
  }

  /** Note something on a snippet; it shows at once, and is taken back when the server refuses. */
  async mark(id: string, marks: Marks): Promise<Snippet> {
    const snippet = await this.change(
      id,
      before => withMarks(before, marks),
      () => this.calls.mark(id, marks)
    );
    if (this.query.favourite && marks.favourite === false) {
      void this.refresh();
    }
    return snippet;
  }

  /** Put a snippet in front of another row, in the person's own order. */
  async move(id: string, before: number): Promise<void> {
    const from = this.indexOf(id);
    if (from < 0 || before === from || before === from + 1) {
      return;
    }
    const next = this.at(before)?.position ?? null;
    let floor = next === null ? 0 : next - 2;
    // Rows that were never placed stand last: those above the new place get theirs first.
    for (let index = 0; index < before; index++) {
      const row = this.at(index);
      if (!row || row.id === id) {
        continue;
      }
      if (row.position === null || row.position === undefined) {
        floor += 1;
        await this.mark(row.id, { position: floor });
      } else {
        floor = row.position;
      }
    }
    await this.mark(id, { position: (floor + (next ?? floor + 2)) / 2 });
    await this.refresh();
  }

  /** What looks like a secret in cells. */
  async scan(cells: readonly SnippetCell[]): Promise<readonly Finding[]> {
    return (await this.calls.scan({ cells })).findings;
  }

  /** Begin an import; a short one is over when this resolves. */
  async importFiles(files: ImportIn): Promise<ImportJob> {
    const job = await this.calls.importFiles(files, { timeoutMs: UPLOAD_MS });
    await this.refresh();
    return job;
  }

  /** Delete several snippets; resolves with what became of each. */
  async removeMany(ids: readonly string[]): Promise<ManyReport> {
    const report = await this._inParts(ids, part => this.calls.deleteMany(part));
    this.drop(...report.ids);
    report.ids.forEach(id => this._stored.emit(id));
    void this.refresh();
    return report;
  }

  /** Bring several deleted snippets back. */
  async undeleteMany(ids: readonly string[]): Promise<ManyReport> {
    const report = await this._inParts(ids, part => this.calls.undeleteMany(part));
    report.ids.forEach(id => this._stored.emit(id));
    void this.refresh();
    return report;
  }

  private async _inParts(
    ids: readonly string[],
    act: (part: IdsIn) => Promise<ManyReport>
  ): Promise<ManyReport> {
    const reports: ManyReport[] = [];
    for (let at = 0; at < ids.length; at += MOST_IDS) {
      reports.push(await act({ ids: ids.slice(at, at + MOST_IDS) }));
    }
    return {
      ids: reports.flatMap(report => report.ids),
      failed: reports.flatMap(report => report.failed)
    };
  }

  /** The files of some snippets; of all that the person sees when none is named. */
  exportFiles(ids: readonly string[], format: ExportFormat): Promise<Export> {
    return this.calls.export({ id: ids, format });
  }

  private _store(snippet: Snippet): Snippet {
    this.put(snippet);
    this._stored.emit(snippet.id);
    void this.refresh();
    return snippet;
  }

  private _preferring<T extends ISnippetQuery>(query: T): T {
    const prefer = this.placeLanguage();
    return query.q && LANGUAGE.test(prefer) ? { ...query, prefer } : query;
  }

  private readonly _stored = new Signal<this, string>(this);
  private _preferred = '';
}

function withMarks(snippet: Snippet, marks: Marks): Snippet {
  return {
    ...snippet,
    favourite: marks.favourite ?? snippet.favourite,
    position: marks.position ?? snippet.position,
    uses: snippet.uses + (marks.used ? 1 : 0),
    unseen: marks.seen ? false : snippet.unseen
  };
}
