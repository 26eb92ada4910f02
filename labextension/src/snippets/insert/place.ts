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
): Promise<Pick<ISurroundings, 'clipboard' | 'dataframes' | 'world'>> {
  const [clipboard, frames, uri] = await Promise.all([
    // Not being allowed to read it is the person's choice.
    names.has('CLIPBOARD') ? readClipboard?.().catch(() => '') : '',
    names.has('DATAFRAME') ? dataframes(kernel) : null,
    names.has('MLFLOW_TRACKING_URI') && !world.mlflowTrackingUri
      ? environment(kernel, 'MLFLOW_TRACKING_URI')
      : null
  ]);
  return {
    clipboard: clipboard ?? '',
    dataframes: frames?.map(frame => frame.name) ?? [],
    world: {
      ...world,
      mlflowTrackingUri: world.mlflowTrackingUri || (uri ?? undefined)
    }
  };
}

// After a word, a bracket or a string there is a whole statement; after `x =` or `f(` there is none yet.
const WHOLE = /[\p{L}\p{N}_)\]}"'`;]$/u;
// A statement begins with a word, a string, a decorator, a magic or a comment; `.head()` goes on with one.
const STATEMENT = /^[\p{L}\p{N}_"'@%#!]/u;

/** Whether a text would run into the statement before it. */
export function needsLine(
  text: string,
  state: EditorState,
  { from, to }: ISpan
): boolean {
  const line = state.doc.lineAt(from);
  const atEnd = from === to && to === line.to;
  const begins = text.includes('\n') || STATEMENT.test(text);
  return begins && atEnd && WHOLE.test(line.text);
}
