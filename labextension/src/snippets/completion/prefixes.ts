/**
 * The snippets that have a prefix, at hand while the person types.
 */
import { canonical } from '../../base/insert/languages';
import type { SnippetsModel } from '../model';
import type { Snippet } from '../schemas';

const PAGE = 200;
const MOST_PAGES = 10;
const FRESH_MS = 60_000;

/** Snippets with a prefix, the most used first; asked for when they are first needed. */
export class PrefixCache {
  constructor(model: SnippetsModel) {
    this._model = model;
    model.stored.connect(() => (this._until = 0));
  }

  /** The snippets of a language that have a prefix, as far as they are known. */
  list(language: string): readonly Snippet[] {
    if (Date.now() > this._until) {
      this._until = Date.now() + FRESH_MS;
      this._loading = this._load();
    }
    return this._snippets.get(canonical(language)) ?? [];
  }

  /** Resolves when what was last asked for is here. */
  get ready(): Promise<void> {
    return this._loading;
  }

  private async _load(): Promise<void> {
    const byLanguage = new Map<string, Snippet[]>();
    try {
      for (let page = 0; page < MOST_PAGES; page++) {
        const { items, total } = await this._model.search({
          sort: 'used',
          offset: page * PAGE,
          limit: PAGE
        });
        for (const snippet of items) {
          if (snippet.prefix) {
            const language = canonical(snippet.language);
            byLanguage.set(language, [...(byLanguage.get(language) ?? []), snippet]);
          }
        }
        if ((page + 1) * PAGE >= total) {
          break;
        }
      }
      this._snippets = byLanguage;
    } catch {
      // Completions go on with what is known; the panel says that the server is away.
      this._until = Date.now() + FRESH_MS;
    }
  }

  private readonly _model: SnippetsModel;
  private _snippets = new Map<string, Snippet[]>();
  private _until = 0;
  private _loading = Promise.resolve();
}
