/**
 * The snippets whose prefix begins with what is typed, asked of the server as it is typed.
 */
import { canonical } from '../../base/insert/languages';
import type { SnippetsModel } from '../model';
import type { Snippet } from '../schemas';

const PAGE = 200;
const FRESH_MS = 60_000;
const MOST_ANSWERS = 100;

interface IAnswer {
  snippets: readonly Snippet[];
  /** Whether these are all: then a longer beginning needs no further question. */
  isComplete: boolean;
  until: number;
}

/** What begins with a text, remembered for a minute; any number of snippets may lie behind it. */
export class PrefixCache {
  constructor(model: SnippetsModel) {
    this._model = model;
    model.stored.connect(() => this._answers.clear());
  }

  /** The snippets of a language with a prefix that begins with one of the texts, the most useful first. */
  async matching(
    language: string,
    beginnings: readonly string[]
  ): Promise<readonly Snippet[]> {
    const lists = await Promise.all(
      beginnings.map(text => this._beginning(text.toLowerCase(), language))
    );
    const snippets = new Map(lists.flat().map(snippet => [snippet.id, snippet]));
    return [...snippets.values()].filter(({ language: own, other_languages: others }) =>
      [own, ...others].some(name => canonical(name) === language)
    );
  }

  private async _beginning(
    text: string,
    language: string
  ): Promise<readonly Snippet[]> {
    const known = this._known(text, language);
    if (known) {
      return known;
    }
    try {
      const query = { beginning: [text], limit: PAGE };
      let page = await this._model.search(query);
      const isComplete = page.total <= PAGE;
      if (!isComplete) {
        page = await this._model.search({ ...query, language });
      }
      return this._remember(text, language, page.items, page.total <= PAGE);
    } catch {
      // Completions go on without; the panel says that the server is away.
      return [];
    }
  }

  private _remember(
    text: string,
    language: string,
    snippets: readonly Snippet[],
    isComplete: boolean
  ): readonly Snippet[] {
    if (this._answers.size >= MOST_ANSWERS) {
      this._answers.clear();
    }
    const until = Date.now() + FRESH_MS;
    this._answers.set(keyOf(text, language), { snippets, isComplete, until });
    return snippets;
  }

  /** What an earlier answer to this or a shorter beginning says. */
  private _known(text: string, language: string): readonly Snippet[] | null {
    for (let length = text.length; length > 0; length--) {
      const answer = this._answers.get(keyOf(text.slice(0, length), language));
      const isEnough = answer?.isComplete || length === text.length;
      if (answer && isEnough && Date.now() < answer.until) {
        return answer.snippets;
      }
    }
    return null;
  }

  private readonly _model: SnippetsModel;
  private readonly _answers = new Map<string, IAnswer>();
}

function keyOf(text: string, language: string): string {
  return `${language}\n${text}`;
}
