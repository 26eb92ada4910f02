/**
 * Offers snippets by their prefix while the person types.
 */
import { CodeMirrorEditor } from '@jupyterlab/codemirror';
import type {
  CompletionHandler,
  ICompletionContext,
  ICompletionProvider
} from '@jupyterlab/completer';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { ITranslator } from '@jupyterlab/translation';

import { accepting, type IAccepting, type IOffer } from './accepting';
import { Budget } from '../body/budget';
import { expand } from '../body/expand';
import { canonical, cellLanguage, languageOfMime } from '../../base/insert/languages';
import { loadTexts } from '../../base/translation';
import { asText } from '../insert/rendering';
import { unexpandedReason } from '../insert/unexpanded';
import { textAround, waitedFor } from '../insert/place';
import type { Snippet } from '../schemas';
import { resolver, type IWorld } from '../insert/variables';

export interface ISnippetCompletionsOptions {
  /** The snippets of a language with a prefix that begins with one of the texts, the most useful first. */
  matching: (
    language: string,
    beginnings: readonly string[]
  ) => Promise<readonly Snippet[]>;
  world: () => IWorld;
  /** False switches the offers off (a setting). */
  enabled?: () => boolean;
  icon?: LabIcon;
  translator?: ITranslator | null;
  /** Told after a completion was taken, to count the use. */
  onInserted?: (snippet: Snippet) => void;
}

// More than anybody looks through.
const OFFERS_LIMIT = 100;
const PREVIEW_LINES = 40;
const DESCRIPTION_LENGTH = 60;
// Less than the completer waits for anybody.
const MOMENT_MS = 400;
// Above the kernel (550) and the text (500): who types the beginning of a prefix gets the snippet first.
const RANK = 600;

/** An item of the completer, and the snippet that it stands for. */
export type ISnippetItem = CompletionHandler.ICompletionItem & { snippet: Snippet };

/** Offers snippets by their prefix; register it with `ICompletionProviderManager`. */
export class SnippetCompletions implements ICompletionProvider<ISnippetItem> {
  constructor(private readonly options: ISnippetCompletionsOptions) {
    const trans = loadTexts(options.translator);
    this._reason = unexpandedReason(trans);
    this._label = (position, count) => trans.__('Field %1 of %2', position, count);
  }

  readonly identifier = 'CompletionProvider:orrery-snippets';
  readonly rank = RANK;
  readonly renderer = null;

  isApplicable(context: ICompletionContext): Promise<boolean> {
    const enabled = this.options.enabled?.() ?? true;
    return Promise.resolve(enabled && context.editor instanceof CodeMirrorEditor);
  }

  async fetch(
    request: CompletionHandler.IRequest,
    context: ICompletionContext
  ): Promise<CompletionHandler.ICompletionItemsReply<ISnippetItem>> {
    const { offset, text } = request;
    const { editor } = context;
    const noItems = { start: offset, end: offset, items: [] };
    const typed = typedBefore(text, offset);
    if (
      !typed ||
      !(editor instanceof CodeMirrorEditor) ||
      editor.getOption('readOnly') === true
    ) {
      return noItems;
    }
    const language = cellLanguage(text, languageOfMime(editor.model.mimeType));
    const offers = await this._matching(language, typed);
    if (offers.length === 0) {
      return noItems;
    }
    accepting(editor, this._accepting(offers, language, context));
    return {
      start: offset - typed.word.length,
      end: offset,
      items: offers.map(({ snippet, prefix, head, mark, rest }) => ({
        label: prefix,
        insertText: head + rest + mark,
        type: titleOf(snippet),
        icon: this.options.icon,
        snippet
      }))
    };
  }

  resolve(item: ISnippetItem): Promise<ISnippetItem> {
    return Promise.resolve({
      ...item,
      documentation: previewOf(item.snippet, this._reason)
    });
  }

  private async _matching(language: string, { run, word }: ITyped): Promise<IOffer[]> {
    const [lowRun, lowWord] = [run.toLowerCase(), word.toLowerCase()];
    const beginnings = [...new Set([run, word])].filter(Boolean);
    const moment = new Promise<readonly Snippet[]>(resolve =>
      setTimeout(() => resolve([]), MOMENT_MS)
    );
    const snippets = await Promise.race([
      this.options.matching(canonical(language), beginnings),
      moment
    ]);
    const offers: IOffer[] = [];
    const prefixes = snippets.flatMap(snippet =>
      snippet.prefixes.map(prefix => ({ snippet, prefix }))
    );
    for (const { snippet, prefix } of prefixes) {
      const low = prefix.toLowerCase();
      const whole = low.startsWith(lowRun);
      if (whole || (lowWord && low.startsWith(lowWord))) {
        const lead = whole ? run.slice(0, run.length - word.length) : '';
        const mark = String.fromCharCode(FIRST_MARK + offers.length);
        const head = offers.length === 0 ? FIRST_HEAD : OTHER_HEAD;
        const rest = prefix.slice(lead.length);
        offers.push({ snippet, prefix, lead, head, rest, mark });
        if (offers.length === OFFERS_LIMIT) {
          break;
        }
      }
    }
    return offers;
  }

  private _accepting(
    offers: readonly IOffer[],
    language: string,
    context: ICompletionContext
  ): IAccepting {
    const { world, onInserted } = this.options;
    const path = pathOf(context);
    const names = waitedNames(offers);
    let waited: Awaited<ReturnType<typeof waitedFor>> = { world: world() };
    // The list is shown at once; what the kernel says is there by the time that somebody chooses.
    void waitedFor(names, context.session?.kernel ?? null, world(), undefined).then(
      values => {
        waited = values;
      }
    );
    return {
      offers: new Map(offers.map(offer => [offer.mark, offer])),
      expand: (snippet, state, span, tab) => {
        const { indent, ...text } = textAround(state, span);
        // What was typed is the prefix, not a selection.
        const place = { ...waited, ...text, selection: '', path, language };
        return { expansion: asText(snippet, resolver(place), tab, language), indent };
      },
      label: this._label,
      onInserted
    };
  }

  private readonly _reason: string;
  private readonly _label: (position: number, count: number) => string;
}

// Characters without a meaning of their own tell the items apart, where two of them look alike.
const FIRST_MARK = 0xe000;
// The completer sorts equally good matches by their text, and blanks come before all letters. They differ, so that the
// completer finds no common beginning that it would write.
const FIRST_HEAD = '\t';
const OTHER_HEAD = ' ';

interface ITyped {
  /** Everything since the last blank. */
  run: string;
  /** The word at its end. */
  word: string;
}

/** What a completion would complete; null when there is no word, or it is an attribute of something. */
function typedBefore(text: string, offset: number): ITyped | null {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  const run = /\S*$/.exec(line.slice(-100))?.[0] ?? '';
  const word = /[\p{L}\p{N}_]*$/u.exec(run)?.[0] ?? '';
  const attribute = /[\p{L}\p{N}_)\]'"]\.$/u.test(
    run.slice(0, run.length - word.length)
  );
  return run && !attribute ? { run, word } : null;
}

/** The name, and the beginning of what it does: what the list shows beside a prefix. */
function titleOf({ name, description }: Snippet): string {
  const line = description.split('\n', 1)[0];
  const text =
    line.length > DESCRIPTION_LENGTH ? `${line.slice(0, DESCRIPTION_LENGTH)}…` : line;
  return text ? `${name} · ${text}` : name;
}

/** The variables of the offers that only the kernel knows. */
function waitedNames(offers: readonly IOffer[]): ReadonlySet<string> {
  const used = (name: string) =>
    offers.some(({ snippet }) =>
      snippet.cells.some(cell => cell.source.includes(name))
    );
  return new Set(['DATAFRAME', 'DATASET', 'LAKE', 'MLFLOW_TRACKING_URI'].filter(used));
}

function pathOf({ widget, session }: ICompletionContext): string {
  const { context } = widget as { context?: { path?: unknown } };
  return typeof context?.path === 'string' ? context.path : (session?.path ?? '');
}

/** The snippet's name, description and text, as the completer's panel shows them. */
function previewOf(snippet: Snippet, reason: string): string {
  const budget = new Budget();
  const expansions = snippet.cells.map(({ source }) =>
    snippet.syntax === 'vscode'
      ? expand(source, () => undefined, budget)
      : { text: source, isUnexpanded: false }
  );
  const lines = expansions
    .map(({ text }) => text)
    .join('\n\n')
    .split('\n');
  const note = expansions.some(({ isUnexpanded }) => isUnexpanded) ? reason : '';
  const shown =
    lines.length > PREVIEW_LINES ? [...lines.slice(0, PREVIEW_LINES), '…'] : lines;
  return [snippet.name, snippet.description, note, shown.join('\n')]
    .filter(Boolean)
    .join('\n\n');
}
