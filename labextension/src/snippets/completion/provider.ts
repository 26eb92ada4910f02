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
import { expand } from '../body/expand';
import { cellLanguage, languageOfMime } from '../../base/insert/languages';
import { loadTexts } from '../../base/translation';
import { asText } from '../insert/rendering';
import { textAround, waitedFor } from '../insert/place';
import type { Snippet } from '../schemas';
import { resolver, type IWorld } from '../insert/variables';

export interface ISnippetCompletionsOptions {
  /** The snippets that have a prefix, of a language and without waiting: a cache of the panel's. */
  list: (language: string) => readonly Snippet[];
  /** Resolves when `list` knows what it was asked; waited for a moment, so that the first offer is not missed. */
  ready?: () => Promise<void>;
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
// Less than the completer waits for anybody.
const MOMENT_MS = 400;

/** An item of the completer, and the snippet that it stands for. */
export type ISnippetItem = CompletionHandler.ICompletionItem & { snippet: Snippet };

/** Offers snippets by their prefix; register it with `ICompletionProviderManager`. */
export class SnippetCompletions implements ICompletionProvider<ISnippetItem> {
  constructor(private readonly options: ISnippetCompletionsOptions) {
    const trans = loadTexts(options.translator);
    this._label = (position, count) => trans.__('Field %1 of %2', position, count);
  }

  readonly identifier = 'CompletionProvider:orrery-snippets';
  // What the kernel and the text know comes first.
  readonly rank = 400;
  readonly renderer = null;

  isApplicable(context: ICompletionContext): Promise<boolean> {
    const enabled = this.options.enabled?.() ?? true;
    return Promise.resolve(enabled && context.editor instanceof CodeMirrorEditor);
  }

  async fetch(
    request: CompletionHandler.IRequest,
    context: ICompletionContext
  ): Promise<CompletionHandler.ICompletionItemsReply<ISnippetItem>> {
    const offered = this._offer(request, context);
    const { ready } = this.options;
    if (offered.items.length > 0 || !ready) {
      return offered;
    }
    const moment = new Promise<void>(resolve => setTimeout(resolve, MOMENT_MS));
    await Promise.race([ready(), moment]);
    return this._offer(request, context);
  }

  resolve(item: ISnippetItem): Promise<ISnippetItem> {
    return Promise.resolve({ ...item, documentation: previewOf(item.snippet) });
  }

  private _offer(
    request: CompletionHandler.IRequest,
    context: ICompletionContext
  ): CompletionHandler.ICompletionItemsReply<ISnippetItem> {
    const { offset, text } = request;
    const noItems = { start: offset, end: offset, items: [] };
    const { editor } = context;
    if (
      !(editor instanceof CodeMirrorEditor) ||
      editor.getOption('readOnly') === true
    ) {
      return noItems;
    }
    const typed = typedBefore(text, offset);
    const mime = languageOfMime(editor.model.mimeType);
    const language = cellLanguage(text, mime);
    const offers = typed ? this._matching(language, typed) : [];
    if (offers.length === 0) {
      return noItems;
    }
    accepting(editor, this._accepting(offers, language, context));
    return {
      start: offset - typed!.word.length,
      end: offset,
      items: offers.map(({ snippet, mark, rest }) => ({
        label: snippet.prefix ?? '',
        insertText: rest + mark,
        type: 'snippet',
        icon: this.options.icon,
        snippet
      }))
    };
  }

  private _matching(language: string, { run, word }: ITyped): IOffer[] {
    const offers: IOffer[] = [];
    const snippets = this.options.list(language);
    const prefixes = prefixesOf(snippets);
    const [lowRun, lowWord] = [run.toLowerCase(), word.toLowerCase()];
    for (let index = 0; index < snippets.length; index++) {
      const snippet = snippets[index];
      const prefix = snippet.prefix ?? '';
      const whole = prefixes[index].startsWith(lowRun);
      if (whole || (lowWord && prefixes[index].startsWith(lowWord))) {
        const lead = whole ? run.slice(0, run.length - word.length) : '';
        const mark = String.fromCharCode(FIRST_MARK + offers.length);
        offers.push({ snippet, lead, rest: prefix.slice(lead.length), mark });
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

  private readonly _label: (position: number, count: number) => string;
}

// Characters without a meaning of their own tell the items apart, where two of them look alike.
const FIRST_MARK = 0xe000;

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

const prefixCache = new WeakMap<readonly Snippet[], readonly string[]>();

/** The prefixes of a list in lower case, made once for a list. */
function prefixesOf(snippets: readonly Snippet[]): readonly string[] {
  const prefixes =
    prefixCache.get(snippets) ??
    snippets.map(({ prefix }) => prefix?.toLowerCase() ?? '');
  prefixCache.set(snippets, prefixes);
  return prefixes;
}

/** The variables of the offers that only the kernel knows. */
function waitedNames(offers: readonly IOffer[]): ReadonlySet<string> {
  const used = (name: string) =>
    offers.some(({ snippet }) =>
      snippet.cells.some(cell => cell.source.includes(name))
    );
  return new Set(['DATAFRAME', 'MLFLOW_TRACKING_URI'].filter(used));
}

function pathOf({ widget, session }: ICompletionContext): string {
  const { context } = widget as { context?: { path?: unknown } };
  return typeof context?.path === 'string' ? context.path : (session?.path ?? '');
}

/** The snippet's name, description and text, as the completer's panel shows them. */
function previewOf(snippet: Snippet): string {
  const texts = snippet.cells.map(({ source }) =>
    snippet.syntax === 'vscode' ? expand(source, () => undefined).text : source
  );
  const lines = texts.join('\n\n').split('\n');
  const shown =
    lines.length > PREVIEW_LINES ? [...lines.slice(0, PREVIEW_LINES), '…'] : lines;
  return [snippet.name, snippet.description, shown.join('\n')]
    .filter(Boolean)
    .join('\n\n');
}
