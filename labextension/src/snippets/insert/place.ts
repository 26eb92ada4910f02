/**
 * What the variables of a snippet may ask of the place that it goes to.
 */
import type { EditorState } from '@codemirror/state';
import type { Kernel } from '@jupyterlab/services';

import { dataframes, environment } from './kernel';
import type { ISurroundings, IWorld } from './variables';

/** Where in an editor. */
export interface ISpan {
  from: number;
  to: number;
}

/** The text around a span: what is selected, its line and its word. */
export function textAround(
  state: EditorState,
  { from, to }: ISpan
): Pick<ISurroundings, 'selection' | 'line' | 'word' | 'lineIndex'> & {
  indent: string;
} {
  const line = state.doc.lineAt(from);
  const indent = /^[ \t]*/.exec(line.text.slice(0, from - line.from))?.[0] ?? '';
  const word = state.wordAt(from);
  return {
    // The later lines come back with the indent of the place, which they have already.
    selection: state.sliceDoc(from, to).replaceAll(`\n${indent}`, '\n'),
    line: line.text,
    word: word ? state.sliceDoc(word.from, word.to) : '',
    lineIndex: line.number - 1,
    indent
  };
}

/** What has to be waited for, and only if the snippet uses it. */
export async function waitedFor(
  names: ReadonlySet<string>,
  kernel: Kernel.IKernelConnection | null,
  world: IWorld,
  readClipboard: (() => Promise<string>) | undefined
): Promise<Pick<ISurroundings, 'clipboard' | 'dataframes' | 'datasets' | 'world'>> {
  const [clipboard, frames, uri, lake] = await Promise.all([
    // Not being allowed to read it is the person's choice.
    names.has('CLIPBOARD') ? readClipboard?.().catch(() => '') : '',
    names.has('DATAFRAME') ? dataframes(kernel) : null,
    names.has('MLFLOW_TRACKING_URI') && !world.mlflowTrackingUri
      ? environment(kernel, 'MLFLOW_TRACKING_URI')
      : null,
    names.has('LAKE') || names.has('DATASET') ? world.findLake?.() : undefined
  ]);
  return {
    clipboard: clipboard ?? '',
    dataframes: frames?.map(frame => frame.name) ?? [],
    datasets: lake?.datasets ?? [],
    world: {
      ...world,
      lake: lake ? lake.location : world.lake,
      mlflowTrackingUri: world.mlflowTrackingUri || (uri ?? undefined)
    }
  };
}

// After a word, a bracket or a string there is a whole statement; after `x =` or `f(` there is none yet.
const WHOLE = /[\p{L}\p{N}_)\]}"'`;]$/u;
// A statement begins with a word, a string, a decorator, a magic or a comment; `.head()` goes on with one.
const STATEMENT = /^[\p{L}\p{N}_"'@%#!]/u;

const WORD = /[\p{L}\p{N}_]/u;

/** Where a text goes, and what stands between it and what is there. */
export interface IPlacement extends ISpan {
  before: string;
  after: string;
}

// What begins or is a statement beyond doubt: a keyword, an assignment, a decorator, a magic, a comment.
const SURE =
  /^(?:(?:import|from|def|class|for|while|if|with|try|return|raise|async|del|assert|global|library|using|select)\b|[@%!#]|[\w.,\s[\]"']+=(?!=))/iu;

/**
 * Where a text goes so that it is glued to nothing.
 *
 * A statement stands on lines of its own: below a line that has a whole statement before the cursor, above one that
 * begins at it. What goes on with an expression stays in it, with a blank between two words. A selection is replaced.
 *
 * @param isBlock Whether it stands on lines of its own whatever it looks like, such as a fence in prose.
 */
export function placement(
  text: string,
  state: EditorState,
  { from, to }: ISpan,
  isBlock: boolean
): IPlacement {
  const line = state.doc.lineAt(from);
  const head = line.text.slice(0, from - line.from);
  const tail = state.doc.lineAt(to).text.slice(to - state.doc.lineAt(to).from);
  if (isBlock) {
    return { from, to, before: head ? '\n' : '', after: tail ? '\n' : '' };
  }
  if (from < to) {
    return { from, to, before: '', after: '' };
  }
  const isStatement = text.includes('\n') || STATEMENT.test(text);
  if (isStatement && !head.trim()) {
    return { from, to, before: '', after: tail.trim() ? `\n${head}` : '' };
  }
  // After a blank, a word may go on with what is there: only what is a statement for sure does not.
  const follows = WHOLE.test(head) || text.includes('\n') || SURE.test(text);
  if (isStatement && follows && WHOLE.test(head.trimEnd())) {
    return { from: line.to, to: line.to, before: '\n', after: '' };
  }
  return {
    from,
    to,
    before: glue(head.slice(-1), text.slice(0, 1)),
    after: glue(text.slice(-1), tail.slice(0, 1))
  };
}

/** The blank that two words need between them. */
function glue(left: string, right: string): string {
  return WORD.test(left) && WORD.test(right) ? ' ' : '';
}
